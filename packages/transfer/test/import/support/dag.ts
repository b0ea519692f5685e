import { hash } from 'node:crypto'
import { encode, prepare } from '@ipld/dag-pb'
import type { CID } from 'multiformats/cid'
import { BlockKind, cidOf } from '../../../src/block-kind.ts'
import { writeSlots, slotLabel, slotsOf } from '../../../src/hamt-node.ts'
import { rebuildLeaf } from '../../../src/leaf-block.ts'
import { varintBytes, writeVarint } from '../../../src/varint.ts'
import { MemoryNodes } from './nodes.ts'

/** Any fields of a UnixFS message, right or wrong. */
export interface AnyUnixFs {
  type?: number
  data?: Uint8Array
  filesize?: number
  blocksizes?: readonly number[]
  hashType?: number
  fanout?: number
}

function varint(value: number): Uint8Array {
  const bytes = new Uint8Array(varintBytes(value))
  writeVarint(bytes, 0, value)
  return bytes
}

export function unixfs({ type, data, filesize, blocksizes = [], hashType, fanout }: AnyUnixFs): Uint8Array {
  const field = (number: number, value: number | undefined): Uint8Array[] =>
    value === undefined ? [] : [varint(number << 3), varint(value)]
  return Buffer.concat([
    ...field(1, type),
    ...(data === undefined ? [] : [Uint8Array.of(0x12), varint(data.byteLength), data]),
    ...field(3, filesize),
    ...blocksizes.flatMap((size) => field(4, size)),
    ...field(5, hashType),
    ...field(6, fanout)
  ])
}

export interface Link {
  Name?: string
  Hash: CID
  Tsize?: number
}

/** Makes blocks, good and hostile ones, and keeps them. */
export class DagMaker {
  readonly nodes = new MemoryNodes()

  block(bytes: Uint8Array, kind: BlockKind = BlockKind.pbV1): CID {
    const cid = cidOf(kind, hash('sha256', bytes, 'buffer'))
    this.nodes.node(cid, bytes)
    return cid
  }

  node(message: AnyUnixFs, links: readonly Link[] = []): CID {
    return this.block(encode(prepare({ Data: unixfs(message), Links: links })))
  }

  raw(data: Uint8Array): Link {
    return { Name: '', Hash: this.block(data, BlockKind.raw), Tsize: data.byteLength }
  }

  /** A canonical dag-pb leaf. */
  leaf(data: Uint8Array, wrap: 'pb-file' | 'pb-raw' = 'pb-file'): Link {
    const block = rebuildLeaf(wrap, data)
    return { Name: '', Hash: this.block(block), Tsize: block.byteLength }
  }

  file(links: readonly Link[], blocksizes: readonly number[], filesize = sum(blocksizes)): CID {
    return this.node({ type: 2, filesize, blocksizes }, links)
  }

  directory(entries: Readonly<Record<string, Link | CID>>): CID {
    const links = Object.entries(entries).map(([Name, entry]) => ({
      Tsize: 1,
      ...('Hash' in entry ? entry : { Hash: entry }),
      Name
    }))
    return this.node({ type: 1 }, links)
  }

  /** A HAMT node with these links, whatever the names hash to. */
  shard(links: readonly (Link & { slot: number })[], change: AnyUnixFs = {}): CID {
    const slots = links.map(({ slot }) => slot)
    return this.node(
      {
        type: 5,
        data: slots.length > 0 ? writeSlots(slots) : new Uint8Array(0),
        hashType: 0x22,
        fanout: 256,
        ...change
      },
      links.map(({ slot, Name = '', ...link }) => ({ ...link, Name: slotLabel(slot) + Name }))
    )
  }
}

/** The slot of a name at one level. */
export function slotOf(name: string, level = 0): number {
  return slotsOf(name)[level]!
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
