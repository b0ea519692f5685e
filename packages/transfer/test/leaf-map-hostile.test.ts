import { describe, expect, it, test } from 'vitest'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { InvalidMessageError } from '@p2pshare/interface'
import { BlockKind, cidOf } from '../src/block-kind.ts'
import {
  MAX_FILE_DEPTH,
  MAX_LEAF_BYTES,
  MAX_LEAVES,
  MAX_NODE_BYTES,
  MAX_PATH_BYTES,
  MAX_PATH_DEPTH
} from '../src/constants.ts'
import { NodeNotFoundError, UnsafePathError, UnsupportedDagError } from '../src/errors.ts'
import { buildLeafMap } from '../src/leaf-map-build.ts'
import type { BuildLeafMapOptions } from '../src/leaf-map-build.ts'
import type { BuiltLeafMap } from '../src/leaf-map-compact.ts'
import { LeafTable } from '../src/leaf-table.ts'
import { neededNodes } from '../src/needed-nodes.ts'
import { checkName } from '../src/paths.ts'
import { DagMaker, slotOf, unixfs } from './import/support/dag.ts'
import { patterned } from './import/support/random.ts'

async function mapOf(dag: DagMaker, root: CID, options: Partial<BuildLeafMapOptions> = {}): Promise<BuiltLeafMap> {
  return buildLeafMap(root, async (cid) => dag.nodes.get(cid), { checkName, ...options })
}

/** Refused by the map; and, when one block is enough to see it, before its children are asked for. */
async function expectRefused(dag: DagMaker, root: CID, message: RegExp, atOnce = true): Promise<void> {
  const failure = mapOf(dag, root)
  await expect(failure).rejects.toThrow(message)
  await expect(failure).rejects.toThrow(UnsupportedDagError)
  if (atOnce) {
    const block = await dag.nodes.get(root)
    expect(() => neededNodes(root, block!, checkName)).toThrow(message)
  }
}

const ten = patterned(10, 1)
const dags = (): { dag: DagMaker } => ({ dag: new DagMaker() })

describe('CIDs that are refused', () => {
  it('other codecs', async () => {
    const { dag } = dags()
    const cbor = CID.createV1(0x71, dag.raw(ten).Hash.multihash)
    await expect(mapOf(dag, cbor)).rejects.toThrow(/codec 0x71/)
    await expectRefused(dag, dag.directory({ a: cbor }), /codec 0x71/)
    await expectRefused(dag, dag.file([{ Hash: cbor, Tsize: 10 }], [10]), /codec 0x71/)
  })

  it('other hashes, inline blocks among them', async () => {
    const { dag } = dags()
    const identity = CID.createV1(0x55, Digest.create(0, ten))
    const sha512 = CID.createV1(0x55, Digest.create(0x13, patterned(64, 1)))
    await expectRefused(dag, dag.directory({ a: { Hash: identity, Tsize: 10 } }), /identity/)
    await expectRefused(dag, dag.file([{ Hash: sha512, Tsize: 10 }], [10]), /0x13/)
  })

  it('SHA-256 of another length', async () => {
    const { dag } = dags()
    const short = CID.createV1(0x55, Digest.create(0x12, patterned(20, 1)))
    await expect(mapOf(dag, dag.directory({ a: short }))).rejects.toThrow(InvalidMessageError)
  })
})

describe('files that are refused', () => {
  it('sizes that do not add up', async () => {
    const { dag } = dags()
    await expectRefused(dag, dag.file([dag.raw(ten)], [10], 11), /add up to 10/)
    await expectRefused(dag, dag.node({ type: 2, blocksizes: [10] }, [dag.raw(ten)]), /missing/)
    await expectRefused(dag, dag.file([dag.raw(ten)], []), /1 links but 0 block sizes/)
  })

  it('more block sizes than links', async () => {
    const { dag } = dags()
    await expect(mapOf(dag, dag.file([dag.raw(ten)], [5, 5]))).rejects.toThrow(InvalidMessageError)
  })

  it('a part of another size than its parent says', async () => {
    const { dag } = dags()
    const inner = dag.file([dag.raw(ten)], [10])
    await expectRefused(
      dag,
      dag.file([{ Hash: inner, Tsize: 100 }], [11]),
      /part of 10 bytes where its parent says 11/,
      false
    )
    const leaf = { ...dag.leaf(ten), Tsize: 100 }
    await expectRefused(dag, dag.file([leaf], [11]), /part of 10 bytes/, false)
  })

  it('a part that is not a file', async () => {
    const { dag } = dags()
    await expectRefused(dag, dag.file([{ Hash: dag.directory({}), Tsize: 4 }], [10]), /part of no bytes/, false)
  })

  it('an empty part', async () => {
    const { dag } = dags()
    await expectRefused(dag, dag.file([dag.raw(ten), dag.raw(new Uint8Array(0))], [10, 0]), /empty part/)
  })

  it('both data and links', async () => {
    const { dag } = dags()
    const root = dag.node({ type: 2, data: ten, filesize: 20, blocksizes: [10] }, [dag.raw(ten)])
    await expectRefused(dag, root, /both data and links/)
  })

  it('a leaf that lies about its size', async () => {
    const { dag } = dags()
    await expectRefused(dag, dag.node({ type: 2, data: ten, filesize: 11 }), /another size/)
  })

  it('a leaf of more than the most, wherever its size is said', async () => {
    const { dag } = dags()
    const more = MAX_LEAF_BYTES + 1
    const big = { Hash: cidOf(BlockKind.raw, patterned(32, 1)), Tsize: more }
    await expectRefused(dag, dag.file([big], [more]), /at most/)
    await expectRefused(dag, dag.directory({ big }), /at most/)
    await expectRefused(dag, dag.block(new Uint8Array(more), BlockKind.raw), /at most/)
    await expectRefused(dag, dag.node({ type: 2, data: new Uint8Array(more), filesize: more }), /at most/)
    const most = { ...big, Tsize: MAX_LEAF_BYTES }
    expect((await mapOf(dag, dag.directory({ most }))).totalBytes).toBe(MAX_LEAF_BYTES)
    const root = dag.node({ type: 2, data: new Uint8Array(MAX_LEAF_BYTES), filesize: MAX_LEAF_BYTES })
    expect((await mapOf(dag, root)).totalBytes).toBe(MAX_LEAF_BYTES)
  })

  it('more levels than the most', async () => {
    const { dag } = dags()
    let link = dag.raw(ten)
    for (let level = 0; level < MAX_FILE_DEPTH; level++) {
      link = { Hash: dag.file([link], [10]), Tsize: 1000 }
    }
    expect((await mapOf(dag, link.Hash)).leafCount).toBe(1)
    await expectRefused(dag, dag.file([link], [10]), /more than 32 levels/, false)
  })
})

describe('directories that are refused', () => {
  it('two entries with one name', async () => {
    const { dag } = dags()
    const root = dag.node({ type: 1 }, [
      { ...dag.raw(ten), Name: 'a' },
      { ...dag.raw(patterned(3, 1)), Name: 'a' }
    ])
    await expectRefused(dag, root, /two entries named "a"/)
  })

  it('an entry without a name', async () => {
    const { dag } = dags()
    await expectRefused(dag, dag.node({ type: 1 }, [dag.raw(ten)]), /without a name/)
  })

  test.each(['..', 'a/b', 'a\\b', 'a\0', '.'])('the name %j', async (name) => {
    const { dag } = dags()
    const root = dag.directory({ [name]: dag.raw(ten) })
    await expect(mapOf(dag, root)).rejects.toThrow(UnsafePathError)
    const block = await dag.nodes.get(root)
    expect(() => neededNodes(root, block!, checkName)).toThrow(UnsafePathError)
  })

  it('a name that is not UTF-8; U+FFFD itself is one', async () => {
    const { dag } = dags()
    const good = dag.directory({ 'a\ufffd': dag.raw(ten) })
    expect((await mapOf(dag, good)).files[0]?.path).toBe('a\ufffd')
    const bytes = Buffer.from((await dag.nodes.get(good))!)
    // three bytes that decode to one replacement character
    bytes.set([0xf0, 0x90, 0x80], bytes.indexOf('\ufffd'))
    await expectRefused(dag, dag.block(bytes), /not UTF-8/)
  })

  it('a raw file of unknown or impossible size', async () => {
    const { dag } = dags()
    const { Hash } = dag.raw(ten)
    await expectRefused(dag, dag.node({ type: 1 }, [{ Hash, Name: 'a' }]), /without its size/)
    await expectRefused(dag, dag.directory({ a: { Hash, Tsize: 0 } }), /wrong size/)
    const empty = dag.raw(new Uint8Array(0)).Hash
    await expectRefused(dag, dag.directory({ a: { Hash: empty, Tsize: 1 } }), /wrong size/)
  })

  it('data', async () => {
    const { dag } = dags()
    await expectRefused(dag, dag.node({ type: 1, data: ten }), /with data/)
  })

  it('more levels, or longer paths, than the most', async () => {
    const { dag } = dags()
    let root: CID = dag.directory({ f: dag.raw(ten) })
    for (let level = 1; level < MAX_PATH_DEPTH; level++) {
      root = dag.directory({ d: root })
    }
    expect((await mapOf(dag, root)).directories).toHaveLength(MAX_PATH_DEPTH - 1)
    await expectRefused(dag, dag.directory({ d: root }), /more than 128 levels/, false)

    const name = 'x'.repeat(255)
    let long: CID = dag.directory({ [name]: dag.raw(ten) })
    for (let level = 1; level < MAX_PATH_BYTES / 256; level++) {
      long = dag.directory({ [name]: long })
    }
    // 16 names and 15 slashes
    expect((await mapOf(dag, long)).files[0]?.path).toHaveLength(MAX_PATH_BYTES - 1)
    await expectRefused(dag, dag.directory({ y: long }), /path of more than/, false)
  })
})

describe('HAMTs that are refused', () => {
  const file = (dag: DagMaker, name: string, slot = slotOf(name)) => ({ ...dag.raw(ten), Name: name, slot })

  it('not one with every name in its slot', async () => {
    const { dag } = dags()
    const root = dag.shard([file(dag, 'a'), file(dag, 'b')])
    expect((await mapOf(dag, root)).files.map(({ path }) => path).toSorted()).toEqual(['a', 'b'])
  })

  it('another fanout or hash', async () => {
    const { dag } = dags()
    await expectRefused(dag, dag.shard([file(dag, 'a')], { fanout: 16 }), /fanout 16/)
    await expectRefused(dag, dag.shard([file(dag, 'a')], { hashType: 0x12 }), /murmur3/)
  })

  it('a bitfield that does not fit the links', async () => {
    const { dag } = dags()
    await expectRefused(dag, dag.shard([file(dag, 'a')], { data: Uint8Array.of(3) }), /2 slots for 1 links/)
    await expectRefused(dag, dag.shard([file(dag, 'a')], { data: new Uint8Array(33) }), /33 bytes/)
    await expectRefused(dag, dag.shard([file(dag, 'a', 7)], { data: Uint8Array.of(1) }), /not in the slot/)
  })

  it('a prefix that is not two hex digits', async () => {
    const { dag } = dags()
    const wrong = dag.node({ type: 5, data: Uint8Array.of(1), hashType: 0x22, fanout: 256 }, [
      { ...dag.raw(ten), Name: '0a' }
    ])
    await expectRefused(dag, wrong, /not in the slot/)
  })

  it('a name in the slot of another', async () => {
    const { dag } = dags()
    await expectRefused(dag, dag.shard([file(dag, 'a', (slotOf('a') + 1) % 256)]), /slot of another name/, false)
    const inner = dag.shard([file(dag, 'a', slotOf('a', 1))])
    const right = dag.shard([{ Hash: inner, Tsize: 1, slot: slotOf('a') }])
    expect((await mapOf(dag, right)).files).toHaveLength(1)
    const wrong = dag.shard([{ Hash: inner, Tsize: 1, slot: (slotOf('a') + 1) % 256 }])
    await expectRefused(dag, wrong, /slot of another name/, false)
  })

  it('an empty level, or one that is no shard', async () => {
    const { dag } = dags()
    await expectRefused(dag, dag.shard([{ Hash: dag.shard([]), Tsize: 1, slot: 0 }]), /not a shard, or is empty/, false)
    await expectRefused(dag, dag.shard([{ Hash: dag.directory({}), Tsize: 1, slot: 0 }]), /not a shard/, false)
    await expectRefused(dag, dag.shard([{ ...dag.raw(ten), slot: 0 }]), /raw block/)
  })

  it('more levels than the hash has bytes', async () => {
    const { dag } = dags()
    let root = dag.shard([file(dag, 'a', slotOf('a', 7))])
    for (let level = 6; level >= 0; level--) {
      root = dag.shard([{ Hash: root, Tsize: 1, slot: slotOf('a', level) }])
    }
    expect((await mapOf(dag, root)).files).toHaveLength(1)
    await expectRefused(dag, dag.shard([{ Hash: root, Tsize: 1, slot: slotOf('a') }]), /more than 8 levels/, false)
  })
})

describe('other nodes that are refused', () => {
  it('UnixFS types that are no files', async () => {
    const { dag } = dags()
    await expectRefused(dag, dag.node({ type: 3 }), /type 3/)
    await expectRefused(dag, dag.node({ type: 9 }), /type 9/)
  })

  it('a symlink alone, with links, or with an empty or too long target', async () => {
    const { dag } = dags()
    await expectRefused(dag, dag.node({ type: 4, data: ten }), /symlink alone/, false)
    await expectRefused(dag, dag.node({ type: 4, data: ten }, [dag.raw(ten)]), /symlink/)
    await expectRefused(dag, dag.node({ type: 4 }), /symlink/)
    await expectRefused(dag, dag.node({ type: 4, data: new Uint8Array(MAX_PATH_BYTES + 1) }), /symlink/)
    const most = dag.node({ type: 4, data: new Uint8Array(MAX_PATH_BYTES).fill(0x61) })
    expect((await mapOf(dag, dag.directory({ most }))).symlinks[0]?.target).toHaveLength(MAX_PATH_BYTES)
  })

  it('dag-pb without UnixFS, and bytes that are neither', async () => {
    const { dag } = dags()
    await expectRefused(dag, dag.block(new Uint8Array(0)), /without UnixFS/)
    await expect(mapOf(dag, dag.block(Uint8Array.of(0xff)))).rejects.toThrow(InvalidMessageError)
    await expect(mapOf(dag, dag.node({}))).rejects.toThrow(/without a type/)
    await expect(mapOf(dag, dag.node({ type: 2 ** 53 }))).rejects.toThrow(InvalidMessageError)
  })

  it('a node larger than the most', async () => {
    const { dag } = dags()
    const entries = (names: number): Record<string, ReturnType<DagMaker['raw']>> =>
      Object.fromEntries(Array.from({ length: names }, (_, index) => [String(index).padStart(250, 'n'), dag.raw(ten)]))
    await expectRefused(dag, dag.directory(entries(Math.ceil(MAX_NODE_BYTES / 290))), /at most 2097152/)
  })

  it('a block that does not match its CID', async () => {
    const { dag } = dags()
    const root = dag.directory({ a: dag.raw(ten) })
    dag.nodes.node(root, unixfs({ type: 1 }))
    await expect(mapOf(dag, root)).rejects.toThrow(InvalidMessageError)
  })

  it('a node that is missing, by its CID', async () => {
    const { dag } = dags()
    const missing = cidOf(BlockKind.pbV1, patterned(32, 1))
    await expect(mapOf(dag, dag.directory({ a: missing }))).rejects.toMatchObject({ cid: missing })
    await expect(mapOf(dag, missing)).rejects.toThrow(NodeNotFoundError)
  })
})

describe('bounds of the whole DAG', () => {
  it('leaves, at the most and one more', async () => {
    const table = new LeafTable()
    const digest = patterned(32, 1)
    for (let leaf = 0; leaf < MAX_LEAVES; leaf++) {
      table.add(BlockKind.raw, digest, 'raw', MAX_LEAF_BYTES)
    }
    expect(() => table.add(BlockKind.raw, digest, 'raw', 1)).toThrow(UnsupportedDagError)
    expect(table.finish().starts.at(-1)).toBe(MAX_LEAVES * MAX_LEAF_BYTES)
  })

  it('leaves of a few blocks that unfold', async () => {
    const { dag } = dags()
    const links = Array.from({ length: 64 }, () => dag.raw(ten))
    const inner = dag.file(
      links,
      links.map(() => 10)
    )
    const many = Array.from({ length: 64 }, () => ({ Name: '', Hash: inner, Tsize: 10_000 }))
    const root = dag.file(
      many,
      many.map(() => 640)
    )
    const map = await mapOf(dag, root, { limits: { leaves: 4096 } })
    expect([map.leafCount, map.nodeCount, map.canonical(4095)]).toEqual([4096, 2, 0])
    await expect(mapOf(dag, root, { limits: { leaves: 4095 } })).rejects.toThrow(/more than 4095 leaves/)
  })

  it('entries, at the most and one more', async () => {
    const { dag } = dags()
    const entries = { a: dag.raw(ten), b: dag.directory({}), c: dag.node({ type: 4, data: ten }) }
    const root = dag.directory(entries)
    expect((await mapOf(dag, root, { limits: { entries: 3 } })).files).toHaveLength(1)
    await expect(mapOf(dag, root, { limits: { entries: 2 } })).rejects.toThrow(/more than 2 files, directories/)
  })

  it('visits: small directories that unfold into very many', async () => {
    const { dag } = dags()
    let root = dag.directory({ a: dag.raw(ten) })
    for (let level = 0; level < 10; level++) {
      root = dag.directory({ a: root, b: dag.directory({ x: root }) })
    }
    await expect(mapOf(dag, root, { limits: { visits: 1000 } })).rejects.toThrow(/more than 1000 nodes/)
    const flat = dag.directory({ a: dag.directory({}) })
    expect(await mapOf(dag, flat, { limits: { visits: 2 } })).toBeDefined()
    await expect(mapOf(dag, flat, { limits: { visits: 1 } })).rejects.toThrow(/more than 1 nodes/)
  })
})
