import type { Random } from '@p2pshare/testkit'

/** Pieces that tricks are made of, and pieces of ordinary names to hide them in. */
const PIECES = [
  ...['..', '.', '/', '\\', '//', '\\\\', '\\\\?\\', '\\\\.\\', ':', '::$DATA', 'C:', '~', '%2e%2e', '%5c', '\0'],
  ...[
    'con',
    'NUL',
    'com1',
    'COM¹',
    'lpt9',
    'CONIN$',
    'aux.txt',
    'nul .x',
    ' ',
    '.',
    '...',
    '. .',
    '\t',
    '\n',
    '\x1b[2J'
  ],
  ...[
    '\u202e',
    '\u200b',
    '\u200d',
    '\ufe0f',
    '\u2028',
    '\ufeff',
    '\u00ad',
    '\ud800',
    '\udc2e',
    '\uffff',
    '\uf02f',
    '\uf05c'
  ],
  ...[
    '．．',
    '／',
    '＼',
    '∕',
    '⧵',
    '\u0338',
    'e\u0301',
    'é',
    'ß',
    'İ',
    'ı',
    'K',
    'ﬁ',
    '가',
    '文',
    '😀',
    '🏳\ufe0f\u200d🌈'
  ],
  ...[
    'a',
    'b.txt',
    'Docs',
    'readme',
    '-rf',
    '$HOME',
    '`x`',
    ';',
    '&',
    "'",
    'x'.repeat(60),
    'é'.repeat(40),
    '<',
    '>',
    '|',
    '?',
    '*',
    '"'
  ]
]

/** A path that may or may not be a trick: pieces, a known trick in disguise, or characters out of the whole of Unicode. */
export function generatePath(random: Random, known: readonly string[]): string {
  switch (random.int(8)) {
    case 0:
      return disguised(random.pick(known), random)
    case 1:
      return Array.from({ length: random.int(12) }, () => anyCharacter(random)).join('')
    case 2:
      return Array.from({ length: 1 + random.int(200) }, () => random.pick(['d', '..', 'e'])).join('/')
    default:
      return Array.from({ length: 1 + random.int(4) }, () => part(random)).join('/')
  }
}

function part(random: Random): string {
  return Array.from({ length: 1 + random.int(4) }, () => random.pick(PIECES)).join('')
}

function disguised(trick: string, random: Random): string {
  const at = random.int(trick.length + 1)
  const inserted = random.int(2) === 0 ? random.pick(PIECES) : anyCharacter(random)
  const changed = trick.slice(0, at) + inserted + trick.slice(at + random.int(2))
  return random.int(2) === 0 ? changed : `ok/${changed}/ok`
}

function anyCharacter(random: Random): string {
  const plane = random.pick([0x80, 0x800, 0x3000, 0x1_0000, 0x11_0000])
  return String.fromCodePoint(random.int(plane))
}
