import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { importPath } from '../../src/import/importer.ts'
import type { ImportResult } from '../../src/import/importer.ts'
import type { Profile } from '../../src/import/profile.ts'
import { arbitraryFile, arbitraryTree, directoryOf, smallProfile } from './support/arbitrary.ts'
import { MemoryNodes } from './support/nodes.ts'
import { oracle, writeTree } from './support/oracle.ts'
import type { Tree } from './support/oracle.ts'
import { patterned } from './support/random.ts'
import { makeTempDir } from './support/temp.ts'

const PROFILE_NAMES = ['unixfs-v1-2025', 'unixfs-v0-2015'] as const
const SEED = 2025

async function importTree(tree: Tree, profile: Profile): Promise<{ result: ImportResult; nodes: MemoryNodes }> {
  const { path, remove } = await makeTempDir()
  try {
    const place = join(path, 'root')
    await writeTree(place, tree)
    const nodes = new MemoryNodes()
    return { result: await importPath(place, nodes, { profile }), nodes }
  } finally {
    await remove()
  }
}

async function expectLikeOracle(tree: Tree, profile: Profile): Promise<void> {
  const [{ result, nodes }, { root, blocks }] = await Promise.all([importTree(tree, profile), oracle(tree, profile)])
  expect(result.root.toString()).toBe(root.toString())
  const hashes = new Set<string>()
  for await (const { cid } of blocks.getAll()) {
    hashes.add(Buffer.from(cid.multihash.bytes).toString('hex'))
  }
  expect([...nodes.blocks.keys()].filter((hash) => !hashes.has(hash))).toEqual([])
}

describe.each(PROFILE_NAMES)('%s: the same root as ipfs-unixfs-importer', (name) => {
  it('for a file of any size', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryFile, fc.constantFrom(2, 3, 5), async (file, maxLinks) => {
        await expectLikeOracle(file, smallProfile(name, { maxLinks }))
      }),
      { numRuns: 25, seed: SEED }
    )
  })

  it('for a tree of files, directories and symlinks with any legal names', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryTree, async (tree) => {
        await expectLikeOracle(tree, smallProfile(name))
      }),
      { numRuns: 25, seed: SEED }
    )
  })

  it('for a directory of files that is a HAMT when it is larger than the threshold', async () => {
    await fc.assert(
      fc.asyncProperty(directoryOf(arbitraryFile, 60), fc.nat({ max: 2000 }), async (tree, hamtThresholdBytes) => {
        await expectLikeOracle(tree, smallProfile(name, { hamtThresholdBytes }))
      }),
      { numRuns: 20, seed: SEED }
    )
  })

  it('for HAMT directories in a directory that is none', async () => {
    const few = fc.array(directoryOf(arbitraryFile, 30), { minLength: 1, maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(few, async (directories) => {
        const entries = Object.fromEntries(directories.map((directory, index) => [`d${index}`, directory]))
        await expectLikeOracle({ type: 'directory', entries }, smallProfile(name, { hamtThresholdBytes: 300 }))
      }),
      { numRuns: 12, seed: SEED }
    )
  })

  test.each([
    ['of several levels', 700],
    ['of exactly the fanout', 256]
  ])('for a HAMT %s', async (_, files) => {
    const data = patterned(3, 1)
    const entries = Object.fromEntries(
      Array.from({ length: files }, (_unused, index) => [`file ${index}`, { type: 'file', data } as const])
    )
    await expectLikeOracle({ type: 'directory', entries }, smallProfile(name, { hamtThresholdBytes: 1000 }))
  })
})

describe('where the oracle differs from Kubo', () => {
  it('counts links to subdirectories when it decides whether a directory becomes a HAMT', async () => {
    // The oracle asks before subdirectories with entries have a CID and counts them as nothing
    // (ipfs-unixfs-importer src/dir-flat.ts estimateLinkSize); Kubo adds a child's link when the child is done
    // (boxo ipld/unixfs/io/directory.go needsToSwitchToHAMTDir), and so do we.
    const full = { type: 'directory', entries: { f: { type: 'file', data: patterned(3, 1) } } } as const
    const entries = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`directory ${index}`, full]))
    const tree = { type: 'directory', entries } as const
    // a link with an 11-byte name, a 36-byte CID and a size below 128
    const exact = 4 + 10 * (2 + 2 + 36 + 2 + 11 + 2)
    const [flat, sharded] = await Promise.all(
      [exact, exact - 1].map(async (hamtThresholdBytes) =>
        importTree(tree, smallProfile('unixfs-v1-2025', { hamtThresholdBytes }))
      )
    )
    const { root } = await oracle(tree, smallProfile('unixfs-v1-2025', { hamtThresholdBytes: exact - 1 }))
    expect(flat?.result.root.toString()).toBe(root.toString())
    expect(sharded?.result.root.toString()).not.toBe(root.toString())
  })
})
