import fc from 'fast-check'
import { PROFILES } from '../../../src/import/profile.ts'
import type { Profile } from '../../../src/import/profile.ts'
import type { Tree } from './oracle.ts'
import { patterned } from './random.ts'

/** A profile with parameters so small that a few hundred bytes make a DAG of several levels. */
export function smallProfile(
  name: Profile['name'],
  { chunkBytes = 16, maxLinks = 3, hamtThresholdBytes = 256 * 1024 }: Partial<Profile> = {}
): Profile {
  return { ...PROFILES[name], chunkBytes, maxLinks, hamtThresholdBytes }
}

export const arbitraryName = fc
  .oneof(
    { weight: 3, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 6 }) },
    { weight: 1, arbitrary: fc.stringMatching(/^[a-z][a-zA-Z0-9 _-]{0,80}$/) }
  )
  // `/` and NUL are no names; the oracle treats `\` and `^` as part of its path syntax; a dot hides
  .filter((name) => !/[/\0\\^]/.test(name) && !name.startsWith('.') && name.isWellFormed())
  .filter((name) => Buffer.byteLength(name) <= 200)

const differently = (name: string): string => name.normalize('NFC').toLowerCase()

/** Sizes around chunk and node boundaries of the small profiles. */
export const arbitrarySize = fc.oneof(
  fc.constantFrom(0, 1, 15, 16, 17, 31, 32, 47, 48, 49, 64, 96, 143, 144, 145, 160, 432, 433),
  fc.nat({ max: 600 })
)

export const arbitraryFile: fc.Arbitrary<Tree> = fc
  .tuple(arbitrarySize, fc.nat({ max: 3 }))
  .map(([size, seed]) => ({ type: 'file', data: patterned(size, seed) }))

export const arbitrarySymlink: fc.Arbitrary<Tree> = arbitraryName.map((target) => ({ type: 'symlink', target }))

export function directoryOf(entry: fc.Arbitrary<Tree>, maxLength: number): fc.Arbitrary<Tree> {
  return fc
    .uniqueArray(fc.tuple(arbitraryName, entry), { maxLength, selector: ([name]) => differently(name) })
    .map((entries) => ({ type: 'directory', entries: Object.fromEntries(entries) }))
}

/** Nested trees with empty files and directories, at most three levels deep. */
export const arbitraryTree: fc.Arbitrary<Tree> = directoryOf(
  fc.oneof(
    { weight: 4, arbitrary: arbitraryFile },
    { weight: 1, arbitrary: arbitrarySymlink },
    { weight: 2, arbitrary: directoryOf(fc.oneof(arbitraryFile, directoryOf(arbitraryFile, 3)), 5) }
  ),
  8
)
