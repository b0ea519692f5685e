import { posix, win32 } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { UnsafePathError } from '../src/errors.ts'
import { nameProblem, printable } from '../src/name-rules.ts'
import { safeJoin, splitPath } from '../src/paths.ts'

const trick = fc.constantFrom(
  ...[
    '..',
    '.',
    '',
    '/',
    '\\',
    '//',
    '\\\\',
    ':',
    'C:',
    '?',
    '\0',
    ' ',
    'con',
    'nul.txt',
    '%2e%2e',
    '~',
    '．．',
    '∕',
    '⧵',
    '\u202e'
  ],
  ...['a', 'b.txt', 'é', '\ud800', '\ud83d\ude00', '\u200d', '..;', '....', '.. ', ' ..', '$Recycle.Bin', 'a:b']
)
const path = fc
  .array(fc.oneof(trick, fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 8 })
  .map((parts) => parts.join(''))
const slashed = fc.array(path, { maxLength: 5 }).map((parts) => parts.join('/'))

function join(root: string, text: string, platform: NodeJS.Platform): string | undefined {
  try {
    return safeJoin(root, text, platform)
  } catch (error) {
    expect(error).toBeInstanceOf(UnsafePathError)
    return undefined
  }
}

test.each([
  ['linux', posix, '/srv/root'],
  ['win32', win32, 'C:\\srv\\root']
] as const)('no path leaves its root or means another one on %s', (platform, system, root) => {
  fc.assert(
    fc.property(fc.oneof(path, slashed), (text) => {
      const place = join(root, text, platform)
      if (place !== undefined) {
        expect(system.relative(root, place)).toBe(text.replaceAll('/', system.sep))
        expect(place.startsWith(root + system.sep)).toBe(true)
      }
    }),
    { numRuns: 10_000, seed: 7 }
  )
})

test('parts that pass one by one pass together, and come back as they were', () => {
  const name = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
    .filter((text) => nameProblem(text) === undefined)
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 6 }), (names) => {
      expect(splitPath(names.join('/'))).toEqual(names)
    }),
    { numRuns: 1000, seed: 7 }
  )
})

test('what is shown of any text has nothing in it that a terminal obeys', () => {
  fc.assert(
    fc.property(path, (text) => {
      expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u)
    }),
    { numRuns: 2000, seed: 7 }
  )
})
