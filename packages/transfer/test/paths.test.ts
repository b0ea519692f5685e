import { describe, expect, test } from 'vitest'
import { MAX_NAME_BYTES, MAX_PATH_BYTES, MAX_PATH_DEPTH } from '../src/constants.ts'
import { UnsafePathError } from '../src/errors.ts'
import {
  checkName,
  checkPath,
  collisions,
  nameProblem,
  portabilityProblem,
  printable,
  safeJoin,
  splitPath
} from '../src/paths.ts'

const codePoints = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => String.fromCodePoint(from + index))

const NEVER: Record<string, string[]> = {
  traversal: ['', '.', '..', '/', '//', 'a/b', '/a', 'a/', '../a', 'a/..', './a'],
  backslashes: ['\\', 'a\\b', '..\\a', '\\\\server\\share', '\\\\?\\C:\\a', 'C:\\a', '\\Device\\a'],
  controls: [...codePoints(0, 0x1f), ...codePoints(0x7f, 0x9f), '\u2028', '\u2029'].map((control) => `a${control}b`),
  direction: [...codePoints(0x202a, 0x202e), ...codePoints(0x2066, 0x2069), '\u200e', '\u200f', '\u061c'].map(
    (mark) => `invoice${mark}fdp.exe`
  ),
  invisible: [
    ...codePoints(0x2060, 0x2065),
    ...codePoints(0x206a, 0x206f),
    ...codePoints(0xe0000, 0xe007f),
    ...['\u200b', '\ufeff', '\u00ad', '\u034f', '\u115f', '\u1160', '\u180e', '\u3164', '\uffa0', '\ufff9', '\u{1d173}']
  ].map((mark) => `pay${mark}pal`),
  'joiners that join nothing': [
    ...[
      'a\u200db',
      '\u200d',
      '\u200cabc',
      'abc\u200d',
      'é\u200cé',
      'م\u200c\u200cن',
      '\u200cمن',
      'من\u200c',
      'من\u200c.txt'
    ],
    '\u{1f468}\u200d',
    '中\u3000\u200d文'
  ],
  'half characters': ['\ud800', 'a\udfffb', '\udc00\ud800', 'x\ud83d'],
  'long names': ['a'.repeat(MAX_NAME_BYTES + 1), 'é'.repeat(128), '文'.repeat(86), 'x'.repeat(1_000_000)]
}

const DEVICES = ['con', 'prn', 'aux', 'nul', 'conin$', 'conout$', ...Array.from('123456789¹²³')].flatMap((name) =>
  /[\d¹²³]/u.test(name) ? [`com${name}`, `lpt${name}`] : [name]
)

const NOT_ON_WINDOWS: Record<string, string[]> = {
  devices: DEVICES.flatMap((device) => [
    device,
    device.toUpperCase(),
    `${device}.txt`,
    `${device}.tar.gz`,
    `${device} .txt`,
    `${device.slice(0, 1).toUpperCase()}${device.slice(1)}.`,
    `${device}:`
  ]),
  'reserved characters': Array.from('<>:"|?*').flatMap((mark) => [mark, `a${mark}`, `${mark}a`, `a${mark}b.txt`]),
  'drives and streams': ['C:', 'c:a', 'file.txt:stream', 'file.txt::$DATA', '.:x'],
  'endings that Windows drops': ['a.', 'a ', 'a. ', 'a..', ' ', '...', 'b .']
}

const FINE = [
  ...[
    'a',
    'readme.md',
    '.hidden',
    '..a',
    '...a',
    'a..b',
    ' a',
    '~',
    '-rf',
    '$HOME',
    '%00',
    '%2e%2e',
    '&amp;',
    "it's",
    'a,b;c=d'
  ],
  ...['com', 'com0', 'com10', 'lpt', 'console', 'nulls.txt', 'xcon', 'auxiliary', 'com¹x', 'a.nul', 'prn_1'],
  ...['naïve', 'nai\u0308ve', 'Ελλάς', 'שלום.txt', 'العربية', '日本語', '한국어', 'हिन्दी', 'ไทย', '𝒳'],
  ...[
    'می\u200cخواهم.mp3',
    'ශ්\u200dරී',
    '👩\u200d🚀.png',
    '❤\ufe0f\u200d🔥',
    '👨\u200d👩\u200d👧',
    '🏳\ufe0f\u200d⚧\ufe0f',
    '☃\ufe0e'
  ],
  ...['🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}', 'a'.repeat(MAX_NAME_BYTES), 'é'.repeat(127)]
]

describe.each(Object.entries(NEVER))('refused everywhere: %s', (_, names) => {
  test('as a name, as a part, and as a place', () => {
    for (const name of names) {
      expect(nameProblem(name), printable(name).slice(0, 80)).toBeTypeOf('string')
      expect(() => checkName(name)).toThrow(UnsafePathError)
      for (const path of name.includes('/') ? [`ok/../${name}`] : [`ok/${name}`, `${name}/ok`]) {
        expect(() => safeJoin('/root', path, 'linux')).toThrow(UnsafePathError)
        expect(() => safeJoin('C:\\root', path, 'win32')).toThrow(UnsafePathError)
      }
    }
  })
})

describe.each(Object.entries(NOT_ON_WINDOWS))('refused on Windows only: %s', (_, names) => {
  test('as a name, as a part, and as a place', () => {
    for (const name of names) {
      expect(portabilityProblem(name), name).toBeTypeOf('string')
      expect(safeJoin('/root', `a/${name}`, 'linux')).toBe(`/root/a/${name}`)
      expect(() => safeJoin('C:\\root', `a/${name}`, 'win32')).toThrow(UnsafePathError)
    }
  })
})

test.each(FINE)('accepted on every system: %s', (name) => {
  expect(checkName(name)).toBe(name)
  expect(portabilityProblem(name)).toBeUndefined()
  expect(safeJoin('/root', `a/${name}`, 'linux')).toBe(`/root/a/${name}`)
  expect(safeJoin('C:\\root', `a/${name}`, 'win32')).toBe(`C:\\root\\a\\${name}`)
})

test('the corpus of tricks has at least five hundred names', () => {
  const count = [...Object.values(NEVER), ...Object.values(NOT_ON_WINDOWS)].flat().length
  expect(count).toBeGreaterThanOrEqual(500)
})

describe('paths', () => {
  test('are split into their parts', () => {
    expect(splitPath('a/b c/d.txt')).toEqual(['a', 'b c', 'd.txt'])
    expect(checkPath('a/b')).toBe('a/b')
  })

  test.each(['', '/', '/etc/passwd', 'a//b', 'a/', './a', 'a/./b', '../a', 'a/../../b', '//server/share'])(
    'that are not plainly relative are refused: "%s"',
    (path) => {
      expect(() => splitPath(path)).toThrow(UnsafePathError)
    }
  )

  test('as deep as the limit are accepted, one level more is refused', () => {
    const deep = (levels: number): string => Array<string>(levels).fill('d').join('/')
    expect(splitPath(deep(MAX_PATH_DEPTH))).toHaveLength(MAX_PATH_DEPTH)
    expect(() => splitPath(deep(MAX_PATH_DEPTH + 1))).toThrow(UnsafePathError)
  })

  test('as long as the limit are accepted, one byte more is refused', () => {
    const path = `${`${'x'.repeat(MAX_NAME_BYTES)}/`.repeat(MAX_PATH_BYTES / 256 - 1)}x/${'y'.repeat(254)}`
    expect(path).toHaveLength(MAX_PATH_BYTES)
    expect(checkPath(path)).toBe(path)
    expect(() => checkPath(`${path}y`)).toThrow(/more than 4096 bytes/u)
    expect(() => checkPath(path.replace('x/y', 'é/y'))).toThrow(/more than 4096 bytes/u)
  })
})

describe('collisions', () => {
  test.each<[string, string[], string[][]]>([
    ['case', ['a/B.txt', 'a/b.txt', 'b.txt'], [['a/B.txt', 'a/b.txt']]],
    ['composition', ['n\u00e9', 'ne\u0301'], [['n\u00e9', 'ne\u0301']]],
    ['a directory and a file', ['Docs/a', 'docs'], [['Docs', 'docs']]],
    ['directories, once', ['D/a', 'D/b', 'd/a', 'd/b'], [['D', 'd']]],
    ['three spellings', ['a', 'A', 'a', 'c/A'], [['a', 'A']]],
    [
      'sharp s, sigma, Kelvin',
      ['ß', 'ss', 'ς', 'Σ', 'K', 'k'],
      [
        ['ß', 'ss'],
        ['ς', 'Σ'],
        ['K', 'k']
      ]
    ],
    ['nothing', ['a/x', 'b/x', 'a/y', 'x'], []]
  ])('are found by %s', (_, paths, expected) => {
    expect(collisions(paths)).toEqual(expected)
  })

  test('of a hundred thousand spellings of one name are found without comparing all pairs', () => {
    const spellings = Array.from({ length: 100_000 }, (_, bits) =>
      Array.from('abcdefghijklmnopq')
        .map((letter, at) => ((bits >> at) & 1 ? letter.toUpperCase() : letter))
        .join('')
    )
    expect(collisions(spellings)).toEqual([spellings])
  })
})

describe('printable', () => {
  test.each([
    ['plain text stays', 'Grüße 日本 👩\u200d🚀', 'Grüße 日本 👩\u200d🚀'],
    ['controls are spelt out', 'a\u001b[2Jb\nc\u009b', 'a\\u{1b}[2Jb\\u{a}c\\u{9b}'],
    ['direction marks are spelt out', 'txt.\u202eexe', 'txt.\\u{202e}exe'],
    ['hidden characters are spelt out', 'pay\u200bpal\u200d', 'pay\\u{200b}pal\\u{200d}'],
    ['half characters are spelt out', 'x\ud83d', 'x\\u{d83d}']
  ])('%s', (_, text, expected) => {
    expect(printable(text)).toBe(expected)
  })

  test('is what an error shows, cut to a length that fits a line', () => {
    const error = (() => {
      try {
        return checkName(`\u202e\u001b[31m${'x'.repeat(5000)}`)
      } catch (caught) {
        return caught
      }
    })()
    expect(error).toMatchObject({ name: 'UnsafePathError', code: 'ERR_UNSAFE_PATH' })
    expect((error as Error).message).not.toMatch(/[\u202e\u001b]/u)
    expect((error as Error).message.length).toBeLessThan(400)
  })
})
