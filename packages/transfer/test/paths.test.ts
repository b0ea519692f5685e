import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { MAX_NAME_BYTES, MAX_PATH_BYTES, MAX_PATH_DEPTH } from '../src/constants.ts'
import { UnsafePathError } from '../src/errors.ts'
import { nameProblem, printable } from '../src/name-rules.ts'
import { checkDistinct, checkName, checkPath, collisions, safeJoin, splitPath } from '../src/paths.ts'

/** Every trick by name: what is wrong as a name, as a whole path, and beside another one. */
const CORPUS = JSON.parse(readFileSync(new URL('fixtures/hostile-names.json', import.meta.url), 'utf8')) as {
  readonly names: Record<string, string>
  readonly paths: Record<string, string>
  readonly collisions: Record<string, string[]>
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

describe('the corpus of tricks', () => {
  test('has at least five hundred names', () => {
    expect(Object.keys(CORPUS.names).length).toBeGreaterThanOrEqual(500)
  })

  test('is refused name by name, as a part and as a place, by the same rule on every system', () => {
    for (const [id, name] of Object.entries(CORPUS.names)) {
      expect(nameProblem(name), id).toBeTypeOf('string')
      expect(() => checkName(name), id).toThrow(UnsafePathError)
      for (const path of name.includes('/') ? [`ok/../${name}`] : [`ok/${name}`, `${name}/ok`]) {
        expect(() => safeJoin('/root', path, 'linux'), id).toThrow(UnsafePathError)
        expect(() => safeJoin('/root', path, 'darwin'), id).toThrow(UnsafePathError)
        expect(() => safeJoin('C:\\root', path, 'win32'), id).toThrow(UnsafePathError)
      }
    }
  })

  test('is refused path by path', () => {
    for (const [id, path] of Object.entries(CORPUS.paths)) {
      expect(() => splitPath(path), id).toThrow(UnsafePathError)
      expect(() => safeJoin('C:\\root', path, 'win32'), id).toThrow(UnsafePathError)
    }
  })

  test('is refused as entries of one share that some system takes for one', () => {
    for (const [id, paths] of Object.entries(CORPUS.collisions)) {
      expect(() => {
        checkDistinct(['other', ...paths])
      }, id).toThrow(UnsafePathError)
    }
  })
})

test.each(FINE)('accepted on every system: %s', (name) => {
  expect(checkName(name)).toBe(name)
  expect(safeJoin('/root', `a/${name}`, 'linux')).toBe(`/root/a/${name}`)
  expect(safeJoin('C:\\root', `a/${name}`, 'win32')).toBe(`C:\\root\\a\\${name}`)
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
