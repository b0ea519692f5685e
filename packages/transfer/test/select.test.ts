import { InvalidOptionError } from '@p2pshare/interface'
import { describe, expect, test } from 'vitest'
import { MAX_BRACE_DEPTH } from '../src/glob.ts'
import { MAX_PATTERNS, MAX_PATTERN_LENGTH, MAX_WILDCARD_PATTERNS, selectFiles } from '../src/select.ts'

const PATHS = [
  'readme.md',
  'notes.txt',
  'photos/a.jpg',
  'photos/b.png',
  'photos/2024/c.jpg',
  'photos/2024/raw/d.dng',
  'music/photos',
  'music/.hidden.mp3',
  'odd/[x].txt',
  'odd/a*b.txt',
  'odd/a{1}.txt',
  'odd/naïve.txt'
]

const select = (...patterns: string[]): string[] =>
  selectFiles(
    PATHS.map((path) => ({ path })),
    patterns
  ).map((index) => PATHS[index] ?? '')

describe('patterns name files', () => {
  test.each<[string, string, string[]]>([
    ['a bare name, in any directory', 'd.dng', ['photos/2024/raw/d.dng']],
    ['a bare wildcard, in any directory', '*.jpg', ['photos/a.jpg', 'photos/2024/c.jpg']],
    ['the root only, with a slash in front', '/*.md', ['readme.md']],
    ['a star stays within a name', 'photos/*.jpg', ['photos/a.jpg']],
    ['two stars cross directories, none included', 'photos/**/*.jpg', ['photos/a.jpg', 'photos/2024/c.jpg']],
    ['two stars at the end are everything below', 'photos/2024/**', ['photos/2024/c.jpg', 'photos/2024/raw/d.dng']],
    ['two stars within a name are one', 'photos/**.jpg', ['photos/a.jpg']],
    ['a question mark is one character', '?.png', ['photos/b.png']],
    ['a question mark is no slash', 'photos?a.jpg', []],
    ['alternatives', '*.{md,png}', ['readme.md', 'photos/b.png']],
    [
      'alternatives of whole paths',
      '{photos,music}/*',
      ['photos/a.jpg', 'photos/b.png', 'music/photos', 'music/.hidden.mp3']
    ],
    ['an empty alternative', 'photos/{,2024/}c.jpg', ['photos/2024/c.jpg']],
    ['nested alternatives', '{photos/{2024/,},x}?.{jpg,txt}', ['photos/a.jpg', 'photos/2024/c.jpg']],
    ['stars within alternatives', '{photos/**,x}', PATHS.filter((path) => path.startsWith('photos/'))],
    ['a set', 'photos/[ab].*', ['photos/a.jpg', 'photos/b.png']],
    ['a range', '[b-c].*', ['photos/b.png', 'photos/2024/c.jpg']],
    ['a negated set', 'photos/[!a].*', ['photos/b.png']],
    ['a negated set is never a slash', 'photos[^a]a.jpg', []],
    ['a bracket as a member', 'odd/[]x[]x].txt', ['odd/[x].txt']],
    ['an escaped bracket', 'odd/\\[x\\].txt', ['odd/[x].txt']],
    ['an escaped star', 'a\\*b.txt', ['odd/a*b.txt']],
    ['braces without a comma are letters', 'odd/a{1}.txt', ['odd/a{1}.txt']],
    ['a brace that nothing closes is a letter', 'odd/a{1,2.txt', []],
    ['a directory by its name, with everything below', '2024', ['photos/2024/c.jpg', 'photos/2024/raw/d.dng']],
    ['a directory or a file by its name', 'photos', PATHS.filter((path) => path.includes('photos'))],
    ['a directory only, by the slash at its end', 'photos/', PATHS.filter((path) => path.startsWith('photos/'))],
    ['a directory by its path', '/photos/2024', ['photos/2024/c.jpg', 'photos/2024/raw/d.dng']],
    ['directories by a wildcard and a slash', '20??/', ['photos/2024/c.jpg', 'photos/2024/raw/d.dng']],
    ['hidden files like others', 'music/*.mp3', ['music/.hidden.mp3']],
    ['an accent however it is composed', 'nai\u0308ve.txt', ['odd/naïve.txt']],
    ['case counts', 'README.md', []]
  ])('%s', (_, pattern, expected) => {
    expect(select(pattern)).toEqual(expected)
  })
})

test('no patterns select every file', () => {
  expect(select()).toEqual(PATHS)
})

test('a file that several patterns name is selected once, in the order of the share', () => {
  expect(select('photos/*', '*.jpg', 'readme.md')).toEqual([
    'readme.md',
    'photos/a.jpg',
    'photos/b.png',
    'photos/2024/c.jpg'
  ])
})

test('a share that is one file is selected whatever the pattern', () => {
  expect(selectFiles([{ path: '' }], ['*.iso'])).toEqual([0])
})

describe('limits', () => {
  const file = [{ path: 'a' }]

  test('a pattern as long as a path is read, a longer one is refused', () => {
    expect(selectFiles(file, ['b'.repeat(MAX_PATTERN_LENGTH)])).toEqual([])
    expect(() => selectFiles(file, ['b'.repeat(MAX_PATTERN_LENGTH + 1)])).toThrow(InvalidOptionError)
  })

  test('the largest number of names is accepted, one more is refused', () => {
    const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `f${index}`)
    expect(selectFiles(file, names(MAX_PATTERNS))).toEqual([])
    expect(() => selectFiles(file, names(MAX_PATTERNS + 1))).toThrow(InvalidOptionError)
  })

  test('the largest number of wildcards is accepted, one more is refused', () => {
    expect(selectFiles(file, Array<string>(MAX_WILDCARD_PATTERNS).fill('*b'))).toEqual([])
    expect(() => selectFiles(file, Array<string>(MAX_WILDCARD_PATTERNS + 1).fill('*b'))).toThrow(InvalidOptionError)
  })

  test('the deepest braces are read, deeper ones are refused', () => {
    const nest = (depth: number): string => `${'{a,'.repeat(depth)}b${'}'.repeat(depth)}`
    expect(selectFiles(file, [nest(MAX_BRACE_DEPTH)])).toEqual([0])
    expect(() => selectFiles(file, [nest(MAX_BRACE_DEPTH + 1)])).toThrow(InvalidOptionError)
  })

  test.each(['', '/'])('a pattern that names nothing is refused: "%s"', (pattern) => {
    expect(() => selectFiles(file, [pattern])).toThrow(InvalidOptionError)
  })
})
