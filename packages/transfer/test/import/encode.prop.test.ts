import { hash } from 'node:crypto'
import { decode, encode } from '@ipld/dag-pb'
import fc from 'fast-check'
import { UnixFS } from 'ipfs-unixfs'
import { describe, expect, it, test } from 'vitest'
import { BlockKind, cidBytes, cidOf } from '../../src/block-kind.ts'
import { encodePbNode, linkBytes } from '../../src/import/encode.ts'
import { FileDag } from '../../src/import/file-dag.ts'
import { LinkList } from '../../src/import/link-list.ts'
import { compareNames } from '../../src/import/walk.ts'
import { leafDigest, rebuildLeaf } from '../../src/leaf-block.ts'
import { pbLeafBytes } from '../../src/leaf-envelope.ts'
import { murmur3x64 } from '../../src/murmur3.ts'
import { smallProfile } from './support/arbitrary.ts'
import { patterned } from './support/random.ts'

const arbitraryLink = fc.record({
  name: fc.string({ unit: 'binary', maxLength: 200 }),
  kind: fc.constantFrom(BlockKind.raw, BlockKind.pbV0, BlockKind.pbV1),
  digest: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  tsize: fc.oneof(fc.nat(300), fc.maxSafeNat())
})

describe('encodePbNode', () => {
  it('writes what @ipld/dag-pb writes', () => {
    fc.assert(
      fc.property(fc.array(arbitraryLink, { maxLength: 40 }), fc.uint8Array({ maxLength: 300 }), (entries, data) => {
        entries.sort((a, b) => compareNames(a.name, b.name))
        const links = new LinkList()
        for (const { name, ...ref } of entries) {
          links.add(name, ref)
        }
        const Links = entries.map(({ name, kind, digest, tsize }) => ({
          Hash: cidOf(kind, digest),
          Name: name,
          Tsize: tsize
        }))
        const bytes = encodePbNode(links, data)
        expect(Buffer.compare(bytes, encode({ Links, Data: data }))).toBe(0)
      }),
      { numRuns: 100, seed: 1 }
    )
  })

  it('is as long as linkBytes says', () => {
    fc.assert(
      fc.property(arbitraryLink, ({ name, ...ref }) => {
        const links = new LinkList()
        const empty = encodePbNode(links, new Uint8Array(4)).byteLength
        links.add(name, ref)
        const size = linkBytes(Buffer.byteLength(name), ref.kind, ref.tsize)
        expect(encodePbNode(links, new Uint8Array(4)).byteLength).toBe(empty + size)
      }),
      { numRuns: 50, seed: 1 }
    )
  })
})

describe('cidOf', () => {
  test.each([BlockKind.raw, BlockKind.pbV0, BlockKind.pbV1])('kind %i has as many bytes as cidBytes says', (kind) => {
    const digest = patterned(32, 1)
    const cid = cidOf(kind, digest)
    digest.fill(0)
    expect(cid.bytes.byteLength).toBe(cidBytes(kind))
    expect(Buffer.from(cid.multihash.digest)).toEqual(Buffer.from(patterned(32, 1)))
  })
})

describe('rebuildLeaf', () => {
  it('wraps data as ipfs-unixfs and @ipld/dag-pb do', () => {
    const sizes = fc.oneof(fc.nat(400), fc.constantFrom(0, 1, 123, 124, 125, 126, 127, 128, 16_370, 16_384, 262_144))
    fc.assert(
      fc.property(sizes, fc.constantFrom('file', 'raw'), (size, type) => {
        const data = patterned(size, 3)
        const expected = encode({ Data: new UnixFS({ type, data }).marshal(), Links: [] })
        const wrap = `pb-${type}` as const
        const block = rebuildLeaf(wrap, data)
        expect(Buffer.compare(block, expected)).toBe(0)
        expect(pbLeafBytes(size)).toBe(expected.byteLength)
        expect(leafDigest(wrap, data)).toEqual(hash('sha256', expected, 'buffer'))
      }),
      { numRuns: 100, seed: 1 }
    )
  })

  it('gives the data itself for a raw leaf and refuses a whole block', () => {
    const data = patterned(10, 0)
    expect(rebuildLeaf('raw', data)).toBe(data)
    expect(() => rebuildLeaf('whole', data)).toThrow('whole')
  })
})

describe('FileDag', () => {
  test.each([
    [1, 0],
    [2, 1],
    [3, 1],
    [4, 3],
    [9, 4],
    [10, 7],
    [27, 13],
    [28, 17]
  ])('of %i leaves, 3 links a node, has %i nodes with all leaves at the same depth', (leaves, expected) => {
    const dag = new FileDag(smallProfile('unixfs-v1-2025', { maxLinks: 3 }))
    const nodes = new Map<string, Uint8Array>()
    const keep = (made: readonly { readonly digest: Uint8Array; readonly bytes: Uint8Array }[]): void => {
      for (const { digest, bytes } of made) {
        nodes.set(Buffer.from(digest).toString('hex'), bytes)
      }
    }
    for (let leaf = 0; leaf < leaves; leaf++) {
      keep(dag.push(patterned(32, leaf), 16))
    }
    const { nodes: last, root } = dag.finish()
    keep(last)
    expect(nodes.size).toBe(expected)
    const depths = (digest: Uint8Array, depth: number): number[] => {
      const block = nodes.get(Buffer.from(digest).toString('hex'))
      return block === undefined
        ? [depth]
        : decode(block).Links.flatMap(({ Hash }) => depths(Hash.multihash.digest, depth + 1))
    }
    const found = depths(root.digest, 0)
    expect(found).toHaveLength(leaves)
    expect(new Set(found).size).toBe(1)
  })

  it('refuses to finish without a leaf', () => {
    expect(() => new FileDag(smallProfile('unixfs-v1-2025')).finish()).toThrow('leaf')
  })
})

describe('murmur3x64', () => {
  // first 64 bits of the x64 128 variant, as spaolacci/murmur3 New64 gives them
  test.each([
    ['', '0000000000000000'],
    ['hello', 'cbd8a7b341bd9b02'],
    ['hello, world', '342fac623a5ebc8e'],
    ['The quick brown fox jumps over the lazy dog.', 'cd99481f9ee902c9']
  ])('of %j', (text, expected) => {
    expect(Buffer.from(murmur3x64(Buffer.from(text))).toString('hex')).toBe(expected)
  })
})

describe('compareNames', () => {
  it('orders as the UTF-8 bytes do', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'é', '\u07ff', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}')
    })
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareNames(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
      }),
      { numRuns: 300, seed: 1 }
    )
  })
})
