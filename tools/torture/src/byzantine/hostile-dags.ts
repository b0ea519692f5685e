import { createHash } from 'node:crypto'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'

const RAW = 0x55
const DAG_PB = 0x70
const SHA_256 = 0x12

/** What UnixFS messages say they are. */
const DIRECTORY = 1
const FILE = 2

/** Deeper than any share that could be made: a directory of directories of directories. */
const CHAIN_LEVELS = 3000

/** Twice as many visits with each level: 2^40 from 40 blocks. */
const UNFOLDING_LEVELS = 40

interface Link {
  readonly name: string
  readonly cid: CID
  readonly bytes: number
}

/** The blocks of a share that must not be fetched, by CID. */
export interface HostileDag {
  readonly root: CID
  readonly blocks: ReadonlyMap<string, Uint8Array>
}

/** Shares that a publisher made to harm whoever fetches them. */
export const HOSTILE_DAGS: Readonly<Record<string, () => HostileDag>> = {
  'a chain of directories': () => {
    const dag = new Maker()
    let cid = dag.node(DIRECTORY, [])
    for (let level = 0; level < CHAIN_LEVELS; level++) {
      cid = dag.node(DIRECTORY, [{ name: 'd', cid, bytes: 1 }])
    }
    return dag.from(cid)
  },
  'a few blocks that unfold to 2^40 directories': () => {
    const dag = new Maker()
    let cid = dag.node(DIRECTORY, [])
    for (let level = 0; level < UNFOLDING_LEVELS; level++) {
      cid = dag.node(DIRECTORY, [
        { name: 'a', cid, bytes: 1 },
        { name: 'b', cid, bytes: 1 }
      ])
    }
    return dag.from(cid)
  },
  'a file whose inner nodes say that it is larger than it is': () => {
    const dag = new Maker()
    const leaf = dag.leaf(Buffer.from('ten bytes.'))
    const inner = dag.node(FILE, [leaf], [10])
    return dag.from(dag.node(FILE, [{ name: '', cid: inner, bytes: 10 }], [1_000_000]))
  },
  'a file of more bytes than there are': () => {
    const dag = new Maker()
    const leaf = dag.leaf(Buffer.from('ten bytes.'))
    return dag.from(dag.node(FILE, [leaf], [Number.MAX_SAFE_INTEGER]))
  },
  'a circle: below the root, the server sends the root again': () => {
    const dag = new Maker()
    const below = dag.node(DIRECTORY, [])
    const root = dag.node(DIRECTORY, [{ name: 'd', cid: below, bytes: 1 }])
    return dag.from(root, new Map([[below.toString(), root.toString()]]))
  }
}

class Maker {
  readonly #blocks = new Map<string, Uint8Array>()

  leaf(bytes: Uint8Array): Link {
    return { name: '', cid: this.#put(RAW, bytes), bytes: bytes.byteLength }
  }

  /** A dag-pb node around a UnixFS message, right in form whatever it says. */
  node(type: number, links: readonly Link[], sizes: readonly number[] = []): CID {
    const filesize = sizes.reduce((sum, size) => sum + size, 0)
    const message = Buffer.concat([
      ...field(1, type),
      ...(type === FILE ? field(3, filesize) : []),
      ...sizes.flatMap((size) => field(4, size))
    ])
    return this.#put(DAG_PB, Buffer.concat([...links.map((link) => part(2, linkOf(link))), part(1, message)]))
  }

  /** `instead`: what is sent in place of other blocks. */
  from(root: CID, instead: ReadonlyMap<string, string> = new Map()): HostileDag {
    const blocks = new Map(this.#blocks)
    for (const [cid, other] of instead) {
      blocks.set(cid, this.#blocks.get(other) ?? new Uint8Array())
    }
    return { root, blocks }
  }

  #put(codec: number, bytes: Uint8Array): CID {
    const digest = new Uint8Array(createHash('sha256').update(bytes).digest())
    const cid = CID.createV1(codec, Digest.create(SHA_256, digest))
    this.#blocks.set(cid.toString(), new Uint8Array(bytes))
    return cid
  }
}

function linkOf({ name, cid, bytes }: Link): Buffer {
  return Buffer.concat([part(1, cid.bytes), part(2, Buffer.from(name)), ...field(3, bytes)])
}

/** A protobuf field of bytes. */
function part(number: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of((number << 3) | 2), varint(bytes.byteLength), bytes])
}

function field(number: number, value: number): Buffer[] {
  return [Buffer.of(number << 3), varint(value)]
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = BigInt(value)
  for (; rest > 0x7fn; rest >>= 7n) {
    bytes.push(Number(rest & 0x7fn) | 0x80)
  }
  return Buffer.from([...bytes, Number(rest)])
}
