import { LeafNotFoundError, ReadOnlyStoreError } from '@p2pshare/interface'
import type { BlobLayout, BlobStore, ReadLeafOptions } from '@p2pshare/interface'
import type { AbortOptions } from '@libp2p/interface'
import type { BlobStoreFixture, BlobStoreSetup } from '../../src/compliance/blob-store-fixture.ts'
import { seededRandom } from '../../src/random.ts'

const LEAF_BYTES = 1_000
const LAST_LEAF_BYTES = 321
const LEAVES = 4

const leafBytes = (index: number): number => {
  if (!Number.isInteger(index) || index < 0 || index >= LEAVES) {
    throw new RangeError(`there is no leaf ${index}`)
  }
  return index === LEAVES - 1 ? LAST_LEAF_BYTES : LEAF_BYTES
}

const layout: BlobLayout = {
  leafCount: LEAVES,
  totalBytes: (LEAVES - 1) * LEAF_BYTES + LAST_LEAF_BYTES,
  leafBytes
}

/** The least a store can be: leaves in a map that outlives it, as a directory would. */
export class MemoryBlobStore implements BlobStore {
  readonly layout = layout
  readonly held: Map<number, Uint8Array>
  readonly readOnly: boolean

  constructor(held: Map<number, Uint8Array>, readOnly = false) {
    this.held = held
    this.readOnly = readOnly
  }

  get haveCount(): number {
    return this.held.size
  }

  has(index: number): boolean {
    return this.held.has(index)
  }

  async read(index: number, { into, start = 0, bytes, signal }: ReadLeafOptions = {}): Promise<Uint8Array> {
    signal?.throwIfAborted()
    const leaf = this.held.get(index)
    if (leaf === undefined) {
      throw new LeafNotFoundError(index)
    }
    const end = bytes === undefined ? leaf.byteLength : start + bytes
    if (start < 0 || end < start || end > leaf.byteLength) {
      throw new RangeError(`leaf ${index} has no bytes ${start} to ${end}`)
    }
    const part = leaf.slice(start, end)
    if (into === undefined) {
      return part
    }
    into.set(part)
    return into.subarray(0, part.byteLength)
  }

  async write(index: number, bytes: Uint8Array, { signal }: AbortOptions = {}): Promise<void> {
    signal?.throwIfAborted()
    if (this.readOnly) {
      throw new ReadOnlyStoreError('it only serves')
    }
    if (bytes.byteLength !== leafBytes(index)) {
      throw new RangeError(`leaf ${index} has ${leafBytes(index)} bytes`)
    }
    this.held.set(index, bytes.slice())
  }

  async complete({ signal }: AbortOptions = {}): Promise<void> {
    signal?.throwIfAborted()
  }

  async close(): Promise<void> {}
}

export interface MemorySetup extends BlobStoreSetup {
  readonly held: Map<number, Uint8Array>
}

/** A fixture over a map, with `make` as the store under test. */
export function memoryFixture(
  make: (held: Map<number, Uint8Array>) => BlobStore = (held) => new MemoryBlobStore(held)
): BlobStoreFixture<MemorySetup> & { reopen(setup: MemorySetup): Promise<BlobStore> } {
  const random = seededRandom('memory-blob-store')
  const leaves = Array.from({ length: LEAVES }, (_, index) => random.bytes(leafBytes(index)))
  return {
    async setup() {
      const held = new Map<number, Uint8Array>()
      return { store: make(held), leaves, held }
    },
    async teardown() {},
    async reopen({ held }) {
      return make(held)
    }
  }
}

/** The same, full and read-only. */
export function readOnlyFixture(): BlobStoreFixture<MemorySetup> {
  const { setup, teardown } = memoryFixture()
  return {
    readOnly: true,
    teardown,
    async setup() {
      const { leaves } = await setup()
      const held = new Map(leaves.map((bytes, index) => [index, bytes]))
      return { store: new MemoryBlobStore(held, true), leaves, held }
    }
  }
}
