import { InvalidMessageError } from '@p2pshare/interface'
import fc from 'fast-check'
import { UnixFS } from 'ipfs-unixfs'
import { describe, expect, it } from 'vitest'
import { BlockKind, cidOf } from '../src/block-kind.ts'
import { UnsupportedDagError } from '../src/errors.ts'
import { MAX_SHORT_LINKS, readNode } from '../src/unixfs-node.ts'
import { readUnixFs } from '../src/unixfs-message.ts'
import { DagMaker, slotOf, unixfs } from './import/support/dag.ts'
import { patterned } from './import/support/random.ts'

const cid = cidOf(BlockKind.pbV1, patterned(32, 1))

/** Anything but a node or a typed refusal fails the test. */
function read(block: Uint8Array): void {
  try {
    readNode(cid, block)
  } catch (error) {
    if (!(error instanceof InvalidMessageError) && !(error instanceof UnsupportedDagError)) {
      throw error
    }
  }
}

async function goodBlocks(): Promise<Uint8Array[]> {
  const dag = new DagMaker()
  const ten = patterned(10, 1)
  const cids = [
    dag.leaf(ten).Hash,
    dag.file([dag.raw(ten), dag.leaf(ten)], [10, 10]),
    dag.directory({ a: dag.raw(ten), é: dag.directory({}) }),
    dag.shard([{ ...dag.raw(ten), Name: 'a', slot: slotOf('a') }]),
    dag.node({ type: 4, data: ten })
  ]
  return Promise.all(cids.map(async (made) => (await dag.nodes.get(made))!))
}

describe('readNode', () => {
  it('refuses every truncation of a good block with a typed error, or reads it as another', async () => {
    for (const block of await goodBlocks()) {
      for (let length = 0; length < block.byteLength; length++) {
        read(block.subarray(0, length))
      }
    }
  })

  it('refuses good blocks with a byte changed with a typed error, or reads them as others', async () => {
    const blocks = await goodBlocks()
    fc.assert(
      fc.property(fc.constantFrom(...blocks), fc.nat(), fc.nat(255), (block, at, byte) => {
        const changed = new Uint8Array(block)
        changed[at % block.byteLength] = byte
        read(changed)
      }),
      { numRuns: 5000, seed: 1 }
    )
  })

  it('refuses any bytes with a typed error', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), read), { numRuns: 5000, seed: 1 })
  })
})

it('links that are too short are named, and not decoded when there are more than MAX_SHORT_LINKS', () => {
  const links = (count: number): Uint8Array =>
    Buffer.concat(new Array<Uint8Array>(count).fill(Uint8Array.of(0x12, 6, 0x0a, 4, 1, 0x55, 0, 0)))
  expect(() => readNode(cid, links(MAX_SHORT_LINKS))).toThrow(/without UnixFS data/)
  expect(() => readNode(cid, links(MAX_SHORT_LINKS + 1))).toThrow(/too short/)
})

describe('readUnixFs', () => {
  it('reads what ipfs-unixfs writes', () => {
    const sizes = fc.array(
      fc.maxSafeNat().filter((size) => size > 0),
      { maxLength: 20 }
    )
    fc.assert(
      fc.property(sizes, fc.option(fc.uint8Array({ minLength: 1, maxLength: 50 })), (blocksizes, data) => {
        const written = new UnixFS({ type: 'file', blockSizes: blocksizes.map(BigInt), ...(data !== null && { data }) })
        fc.pre(written.fileSize() <= Number.MAX_SAFE_INTEGER)
        const message = readUnixFs(written.marshal(), blocksizes.length)
        expect(message).toMatchObject({ type: 2, blocksizes, filesize: Number(written.fileSize()) })
        expect(message.data === undefined ? null : Buffer.from(message.data)).toEqual(
          data === null ? null : Buffer.from(data)
        )
      }),
      { numRuns: 100, seed: 1 }
    )
  })

  it('passes over mode and times, negative ones too, and fields it does not know', () => {
    const mtime = { secs: -5n, nsecs: 7 }
    const bytes = new UnixFS({ type: 'directory', mode: 0o700, mtime }).marshal()
    const unknown = Uint8Array.of(0x79, 1, 2, 3, 4, 5, 6, 7, 8, 0x7d, 1, 2, 3, 4, 0x7a, 1, 9)
    expect(readUnixFs(Buffer.concat([bytes, unknown]), 0).type).toBe(1)
  })

  it('reads block sizes that are packed', () => {
    const packed = Uint8Array.of(0x08, 2, 0x18, 0x83, 0x01, 0x22, 3, 1, 0x82, 0x01)
    expect(readUnixFs(packed, 2)).toMatchObject({ blocksizes: [1, 130], filesize: 131 })
    expect(() => readUnixFs(packed, 1)).toThrow(InvalidMessageError)
  })

  it('refuses numbers above 2^53 - 1', () => {
    const most = unixfs({ type: 2, filesize: Number.MAX_SAFE_INTEGER })
    expect(readUnixFs(most, 0).filesize).toBe(Number.MAX_SAFE_INTEGER)
    const more = Uint8Array.of(0x08, 2, 0x18, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10)
    expect(() => readUnixFs(more, 0)).toThrow(/2\^53/)
    expect(() => readUnixFs(Uint8Array.of(0x08, 2, 0x18, ...new Array<number>(12).fill(0xff), 1), 0)).toThrow(/2\^53/)
  })
})
