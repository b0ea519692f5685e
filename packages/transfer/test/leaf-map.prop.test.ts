import { join } from 'node:path'
import { readFile } from 'node:fs/promises'
import type { MemoryBlockstore } from 'blockstore-core/memory'
import fc from 'fast-check'
import { exporter } from 'ipfs-unixfs-exporter'
import type { CID } from 'multiformats/cid'
import { describe, expect, it } from 'vitest'
import { importedNodes, importShare } from '../src/import/import-share.ts'
import { inlineLeaves } from '../src/inline-leaves.ts'
import { leafBlock, verifyLeaf } from '../src/leaf-block.ts'
import { buildLeafMap } from '../src/leaf-map-build.ts'
import type { GetNode } from '../src/leaf-map-build.ts'
import type { BuiltLeafMap } from '../src/leaf-map-compact.ts'
import { neededNodes } from '../src/needed-nodes.ts'
import { nameProblem } from '../src/name-rules.ts'
import { checkName } from '../src/paths.ts'
import { arbitraryFile, arbitraryTree, directoryOf, smallProfile } from './import/support/arbitrary.ts'
import { collect } from './import/support/collect.ts'
import { MemoryNodes, nodesOf } from './import/support/nodes.ts'
import { oracle, writeTree } from './import/support/oracle.ts'
import { makeTempDir } from './import/support/temp.ts'

const any = (): void => undefined
const PROFILE_NAMES = ['unixfs-v1-2025', 'unixfs-v0-2015'] as const
const options = { numRuns: 25, seed: 7 }

/** Everything a map says, in a form that can be compared. */
function contentsOf(map: BuiltLeafMap): unknown {
  const { root, kind, files, directories, symlinks, nodeCount, nodeBytes, inline, leafCount, totalBytes } = map
  const leaves = Array.from({ length: leafCount }, (_, index) => ({
    cid: map.cid(index).toString(),
    bytes: map.leafBytes(index),
    wrap: map.wrap(index),
    position: map.position(index)
  }))
  return { root: root.toString(), kind, files, directories, symlinks, nodeCount, nodeBytes, inline, totalBytes, leaves }
}

/** Fetch nodes level by level as a downloader does; returns only what it asked for. */
async function fetchNodes(root: CID, source: GetNode): Promise<MemoryNodes> {
  const fetched = new MemoryNodes()
  for (let level = [root]; level.length > 0;) {
    const next: CID[] = []
    for (const cid of level) {
      const block = (await source(cid, ''))!
      fetched.node(cid, block)
      next.push(...neededNodes(cid, block, any))
    }
    level = next
  }
  return fetched
}

/** Content of every file according to `ipfs-unixfs-exporter`. */
async function filesIn(cid: CID, blocks: MemoryBlockstore, path = ''): Promise<Map<string, Buffer>> {
  const entry = await exporter(cid, blocks)
  if (entry.type === 'directory') {
    const files: (readonly [string, Buffer])[] = []
    for await (const child of entry.entries()) {
      files.push(...(await filesIn(child.cid, blocks, path === '' ? child.name : `${path}/${child.name}`)))
    }
    return new Map(files)
  }
  if (entry.type === 'object' || (entry.type === 'file' && entry.unixfs.type === 'symlink')) {
    return new Map()
  }
  return new Map([[path, Buffer.concat(await collect(entry.content()))]])
}

const arbitraryRoot = fc.oneof(arbitraryTree, arbitraryFile, directoryOf(arbitraryFile, 30))

/** Names that a receiver would create. */
const arbitraryShare = arbitraryRoot.filter(function safe(tree): boolean {
  return (
    tree.type !== 'directory' ||
    Object.entries(tree.entries).every(([name, entry]) => nameProblem(name) === undefined && safe(entry))
  )
})

describe.each(PROFILE_NAMES)('%s', (name) => {
  const profile = smallProfile(name, { hamtThresholdBytes: 900 })

  it('maps every byte of every file to one leaf, as ipfs-unixfs-exporter reads them', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryRoot, async (tree) => {
        const { root, blocks } = await oracle(tree, profile)
        const map = await buildLeafMap(root, nodesOf(blocks), { checkName: any })
        const files = await filesIn(root, blocks)
        expect(new Set(map.files.map(({ path }) => path))).toEqual(new Set(files.keys()))
        let leaves = 0
        for (const [index, { path, bytes, firstLeaf, leafCount }] of map.files.entries()) {
          const content = files.get(path)!
          expect([bytes, firstLeaf]).toEqual([content.byteLength, leaves])
          for (let leaf = firstLeaf, offset = 0; leaf < firstLeaf + leafCount; leaf++) {
            expect(map.position(leaf)).toEqual({ file: index, offset })
            const data = content.subarray(offset, (offset += map.leafBytes(leaf)))
            expect(verifyLeaf(map, leaf, data)).toBe(true)
            expect(Buffer.compare((await nodesOf(blocks)(map.cid(leaf), ''))!, leafBlock(map, leaf, data)!)).toBe(0)
          }
          leaves += leafCount
        }
        expect([map.leafCount, map.totalBytes]).toEqual([
          leaves,
          [...files.values()].reduce((sum, { byteLength }) => sum + byteLength, 0)
        ])
      }),
      options
    )
  })

  it('is the same for the importer, for a downloader, and after a restart', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryShare, async (tree) => {
        const { path, remove } = await makeTempDir()
        try {
          const place = join(path, 'root')
          await writeTree(place, tree)
          const nodes = new MemoryNodes()
          const share = await importShare(place, nodes, { profile, checkName })
          const expected = contentsOf(share.map)

          const again = await buildLeafMap(share.root, importedNodes(share.path, nodes), { checkName })
          expect(contentsOf(again)).toEqual(expected)

          const fetched = await fetchNodes(share.root, importedOrLeaf(share.map, share.path, nodes))
          const remote = await buildLeafMap(share.root, async (cid) => fetched.get(cid), { checkName: any })
          expect(contentsOf(remote)).toEqual(expected)

          const inline: number[] = []
          for await (const { index, data } of inlineLeaves(remote, async (cid) => fetched.get(cid))) {
            inline.push(index)
            expect(verifyLeaf(share.map, index, data)).toBe(true)
          }
          expect(inline).toEqual(remote.inline)
        } finally {
          await remove()
        }
      }),
      options
    )
  })
})

/** How a seeder answers for a node: from its nodes, or as the block of a leaf of its map. */
function importedOrLeaf(map: BuiltLeafMap, root: string, nodes: MemoryNodes): GetNode {
  return async (cid) => {
    const node = await nodes.get(cid)
    const leaf = node === undefined ? map.find(cid) : undefined
    if (leaf === undefined) {
      return node
    }
    const { file, offset } = map.position(leaf)
    const content = await readFile(join(root, map.files[file]!.path))
    return leafBlock(map, leaf, content.subarray(offset, offset + map.leafBytes(leaf)))
  }
}

describe('equal leaves', () => {
  it('are found under the first index, however they are spread', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryTree, async (tree) => {
        const { root, blocks } = await oracle(tree, smallProfile('unixfs-v1-2025'))
        const map = await buildLeafMap(root, nodesOf(blocks), { checkName: any })
        const byCid = new Map<string, number[]>()
        for (let index = 0; index < map.leafCount; index++) {
          const cid = map.cid(index).toString()
          byCid.set(cid, [...(byCid.get(cid) ?? []), index])
        }
        for (const twins of byCid.values()) {
          for (const index of twins) {
            expect(map.twins(index)).toEqual(twins)
            expect(map.canonical(index)).toBe(twins[0])
          }
          expect(map.find(map.cid(twins[0]!))).toBe(twins[0])
        }
      }),
      options
    )
  })
})
