import { writeFileSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CID } from 'multiformats/cid'
import { describe, expect, it, test } from 'vitest'
import { BlockKind, cidOf } from '../src/block-kind.ts'
import { MAX_PATH_BYTES, MAX_PATH_DEPTH } from '../src/constants.ts'
import { NotShareableError, SourceChangedError, UnsafePathError } from '../src/errors.ts'
import { importedNodes, importShare } from '../src/import/import-share.ts'
import { ShareLimits } from '../src/import/share-limits.ts'
import { importPath } from '../src/import/importer.ts'
import { inlineLeaves } from '../src/inline-leaves.ts'
import { leafBlock, verifyLeaf } from '../src/leaf-block.ts'
import { buildLeafMap } from '../src/leaf-map-build.ts'
import type { BuiltLeafMap } from '../src/leaf-map-compact.ts'
import { neededNodes } from '../src/needed-nodes.ts'
import { checkName } from '../src/paths.ts'
import { collect } from './import/support/collect.ts'
import { DagMaker } from './import/support/dag.ts'
import { smallProfile } from './import/support/arbitrary.ts'
import { MemoryNodes } from './import/support/nodes.ts'
import { patterned } from './import/support/random.ts'
import { tempDir } from './import/support/temp.ts'

const ten = patterned(10, 1)
const twenty = patterned(20, 2)

async function mapOf(dag: DagMaker, root: CID): Promise<BuiltLeafMap> {
  return buildLeafMap(root, async (cid) => dag.nodes.get(cid), { checkName })
}

describe('leaves of a file node', () => {
  it('are told by their size when they are canonical dag-pb leaves, and not fetched', async () => {
    const dag = new DagMaker()
    const root = dag.file([dag.leaf(ten), dag.leaf(twenty)], [10, 20])
    expect(neededNodes(root, (await dag.nodes.get(root))!, checkName)).toEqual([])
    const map = await mapOf(dag, root)
    expect([map.leafCount, map.inline, map.wrap(0), map.leafBytes(1)]).toEqual([2, [], 'pb-file', 20])
    expect(verifyLeaf(map, 0, ten)).toBe(true)
    expect(verifyLeaf(map, 0, patterned(10, 2))).toBe(false)
    expect(verifyLeaf(map, 0, twenty)).toBe(false)
  })

  it('of UnixFS type Raw are told the same way and verified all the same', async () => {
    const dag = new DagMaker()
    const link = dag.leaf(ten, 'pb-raw')
    const map = await mapOf(dag, dag.file([link, dag.raw(twenty)], [10, 20]))
    expect(verifyLeaf(map, 0, ten)).toBe(true)
    expect(leafBlock(map, 0, ten)).toEqual(await dag.nodes.get(link.Hash))
    expect(leafBlock(map, 0, patterned(10, 2))).toBeUndefined()
  })

  it('may be at different depths', async () => {
    const dag = new DagMaker()
    const inner = dag.file([dag.raw(ten), dag.raw(twenty)], [10, 20])
    const root = dag.file([dag.raw(twenty), { Hash: inner, Tsize: 100 }, dag.raw(ten)], [20, 30, 10])
    const map = await mapOf(dag, root)
    expect([0, 1, 2, 3].map((index) => map.leafBytes(index))).toEqual([20, 10, 20, 10])
    expect([map.twins(0), map.twins(1), map.nodeCount]).toEqual([[0, 2], [1, 3], 2])
  })

  it('with another envelope are fetched, and compared by their bytes alone', async () => {
    const dag = new DagMaker()
    // no file size: a legal leaf that does not rebuild
    const odd = dag.node({ type: 2, data: ten })
    const root = dag.file([{ Hash: odd, Tsize: 14 }, dag.raw(twenty)], [10, 20])
    expect(neededNodes(root, (await dag.nodes.get(root))!, checkName)).toEqual([odd])
    const map = await mapOf(dag, root)
    expect([map.wrap(0), map.inline]).toEqual(['whole', [0]])
    expect(verifyLeaf(map, 0, ten)).toBe(true)
    expect(verifyLeaf(map, 0, patterned(10, 2))).toBe(false)
    expect(leafBlock(map, 0, ten)).toBeUndefined()
    const inline = await collect(inlineLeaves(map, async (cid) => dag.nodes.get(cid)))
    expect(inline.map(({ index, data }) => [index, [...data]])).toEqual([[0, [...ten]]])
  })
})

describe('roots', () => {
  it('that are a raw block have one leaf, whose bytes came with the map', async () => {
    const dag = new DagMaker()
    const map = await mapOf(dag, dag.raw(ten).Hash)
    expect(map).toMatchObject({ kind: 'file', leafCount: 1, totalBytes: 10, nodeCount: 0, nodeBytes: 0, inline: [0] })
    expect(map.files).toEqual([{ path: '', bytes: 10, firstLeaf: 0, leafCount: 1 }])
  })

  test.each([BlockKind.raw, BlockKind.pbV0])('that are an empty file have none (kind %i)', async (kind) => {
    const dag = new DagMaker()
    const block = kind === BlockKind.raw ? new Uint8Array(0) : (await dag.nodes.get(dag.leaf(new Uint8Array(0)).Hash))!
    const map = await mapOf(dag, dag.block(block, kind))
    expect(map).toMatchObject({ kind: 'file', leafCount: 0, totalBytes: 0, inline: [] })
    expect(map.files).toEqual([{ path: '', bytes: 0, firstLeaf: 0, leafCount: 0 }])
  })

  it('that are an empty directory have nothing', async () => {
    const dag = new DagMaker()
    expect(await mapOf(dag, dag.directory({}))).toMatchObject({
      kind: 'directory',
      files: [],
      directories: [],
      nodeCount: 1
    })
  })
})

describe('directories', () => {
  it('come with parents first, empty ones and symlinks included', async () => {
    const dag = new DagMaker()
    const empty = dag.directory({})
    const link = dag.node({ type: 4, data: Buffer.from('../x') })
    const a = dag.directory({ b: empty, l: link })
    const map = await mapOf(dag, dag.directory({ a, z: empty }))
    expect(map.directories).toEqual(['a', 'a/b', 'z'])
    expect(map.symlinks).toEqual([{ path: 'a/l', target: '../x' }])
    // the empty directory is one block
    expect(map.nodeCount).toBe(4)
  })
})

describe('indices', () => {
  it('outside the leaves are refused', async () => {
    const dag = new DagMaker()
    const map = await mapOf(dag, dag.raw(ten).Hash)
    for (const index of [-1, 1, 0.5, NaN]) {
      expect(() => map.leafBytes(index)).toThrow(RangeError)
      expect(() => map.cid(index)).toThrow(RangeError)
      expect(() => map.position(index)).toThrow(RangeError)
      expect(() => map.canonical(index)).toThrow(RangeError)
    }
  })

  it('are not found for CIDs of other blocks, codecs and hashes', async () => {
    const dag = new DagMaker()
    const { Hash } = dag.raw(ten)
    const map = await mapOf(dag, dag.directory({ a: { Hash, Tsize: 10 } }))
    expect(map.find(Hash)).toBe(0)
    expect(map.find(cidOf(BlockKind.pbV1, Hash.multihash.digest))).toBeUndefined()
    expect(map.find(cidOf(BlockKind.raw, patterned(32, 9)))).toBeUndefined()
    expect(map.find(CID.createV1(0x71, Hash.multihash))).toBeUndefined()
  })

  it('skip files without leaves', async () => {
    const dag = new DagMaker()
    const empty = dag.raw(new Uint8Array(0))
    const map = await mapOf(dag, dag.directory({ a: empty, b: dag.raw(ten), c: empty, d: dag.raw(twenty), e: empty }))
    expect([map.position(0), map.position(1)]).toEqual([
      { file: 1, offset: 0 },
      { file: 3, offset: 0 }
    ])
  })

  it('do not mix a leaf with one whose link lies about its size', async () => {
    const dag = new DagMaker()
    const { Hash } = dag.raw(ten)
    const map = await mapOf(
      dag,
      dag.directory({ a: { Hash, Tsize: 11 }, b: { Hash, Tsize: 10 }, c: { Hash, Tsize: 10 } })
    )
    expect([map.twins(0), map.twins(1)]).toEqual([[0], [1, 2]])
  })
})

describe('importShare', () => {
  it('has fingerprints by index of the map, whose order is that of the DAG', async () => {
    const path = await tempDir()
    for (let index = 0; index < 40; index++) {
      writeFileSync(join(path, `file ${index}`), patterned(index, 1))
    }
    const profile = smallProfile('unixfs-v0-2015', { hamtThresholdBytes: 100 })
    const { map, fingerprints, path: root } = await importShare(path, new MemoryNodes(), { profile, checkName })
    const table = await importPath(path, new MemoryNodes(), { profile })
    expect(root).toBe(path)
    expect(map.files.map(({ path: name }) => name)).not.toEqual([...table.fingerprints].map(([name]) => name))
    for (const [index, { path: name, bytes }] of map.files.entries()) {
      const { size, mtimeMs, ino } = table.fingerprints.get(name)!
      expect([bytes, fingerprints.mtimeMs[index], fingerprints.ino[index]]).toEqual([size, mtimeMs, ino])
    }
  })

  it('refuses a name that no receiver would create', async () => {
    const path = await tempDir()
    await writeFile(join(path, 'a\\b'), 'x')
    await expect(importShare(path, new MemoryNodes(), { checkName })).rejects.toThrow(UnsafePathError)
  })

  it('refuses paths with more levels than a share may have, before it is done', async () => {
    const path = await tempDir()
    const deep = join(path, ...Array.from({ length: MAX_PATH_DEPTH }, () => 'd'))
    await mkdir(deep, { recursive: true })
    expect((await importShare(path, new MemoryNodes(), { checkName })).map.directories).toHaveLength(MAX_PATH_DEPTH)
    await writeFile(join(deep, 'f'), '')
    await expect(importShare(path, new MemoryNodes(), { checkName })).rejects.toThrow(NotShareableError)
  })

  it('stops when it is aborted', async () => {
    const path = await tempDir()
    const signal = AbortSignal.abort()
    await expect(importShare(path, new MemoryNodes(), { checkName, signal })).rejects.toMatchObject({
      name: 'AbortError'
    })
  })
})

describe('ShareLimits', () => {
  it('counts entries and leaves up to the most', () => {
    const limits = new ShareLimits({ entries: 2, leaves: 5 })
    limits.addEntry('a')
    limits.addEntry('b')
    expect(() => {
      limits.addEntry('c')
    }).toThrow(NotShareableError)
    limits.addLeaves('a', 5)
    expect(() => {
      limits.addLeaves('b', 1)
    }).toThrow(NotShareableError)
  })

  it('measures paths in UTF-8', () => {
    const limits = new ShareLimits()
    limits.addEntry('é'.repeat(MAX_PATH_BYTES / 2))
    expect(() => {
      limits.addEntry(`${'é'.repeat(MAX_PATH_BYTES / 2)}x`)
    }).toThrow(NotShareableError)
  })
})

describe('importedNodes', () => {
  it('does not take a changed file for the block it was', async () => {
    const path = await tempDir()
    await writeFile(join(path, 'f'), 'before')
    const nodes = new MemoryNodes()
    const { root } = await importShare(path, nodes, { profile: 'unixfs-v0-2015', checkName })
    const rebuild = async (): Promise<unknown> => buildLeafMap(root, importedNodes(path, nodes), { checkName })
    await expect(rebuild()).resolves.toBeDefined()
    await writeFile(join(path, 'f'), 'beyond')
    await expect(rebuild()).rejects.toThrow(SourceChangedError)
    await writeFile(join(path, 'f'), new Uint8Array(3 * 1024 * 1024))
    await expect(rebuild()).rejects.toThrow(SourceChangedError)
    await rm(join(path, 'f'))
    await expect(rebuild()).rejects.toThrow(SourceChangedError)
  })
})

describe('buildLeafMap', () => {
  it('stops when it is aborted meanwhile', async () => {
    const dag = new DagMaker()
    const root = dag.directory({ a: dag.directory({ b: dag.raw(ten) }) })
    const controller = new AbortController()
    const get = async (cid: CID): Promise<Uint8Array | undefined> => {
      controller.abort()
      return dag.nodes.get(cid)
    }
    await expect(buildLeafMap(root, get, { checkName, signal: controller.signal })).rejects.toMatchObject({
      name: 'AbortError'
    })
  })

  it('gives other work a turn while it flattens a large directory', async () => {
    const dag = new DagMaker()
    const root = dag.directory(
      Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`f${index}`, dag.raw(ten)]))
    )
    let turns = 0
    const count = (): void => {
      turns++
      pending = setImmediate(count)
    }
    let pending = setImmediate(count)
    await mapOf(dag, root)
    clearImmediate(pending)
    expect(turns).toBeGreaterThanOrEqual(2)
  })
})
