import { LeafNotFoundError } from '@p2pshare/interface'
import type { BlobLayout, BlobStore, ReadLeafOptions } from '@p2pshare/interface'
import type { AbortOptions } from '@libp2p/interface'
import { checkLeaf, leafPart } from './leaf-buffer.ts'

/** Leaves in memory, for tests and for shares that are small by agreement. They do not survive the process. */
export function memoryStore(layout: BlobLayout): BlobStore {
  return new MemoryStore(layout)
}

class MemoryStore implements BlobStore {
  readonly layout: BlobLayout
  readonly #leaves = new Map<number, Uint8Array>()

  constructor(layout: BlobLayout) {
    this.layout = layout
  }

  get haveCount(): number {
    return this.#leaves.size
  }

  has(index: number): boolean {
    return this.#leaves.has(index)
  }

  async read(index: number, options: ReadLeafOptions = {}): Promise<Uint8Array> {
    options.signal?.throwIfAborted()
    const leaf = this.#leaves.get(index)
    if (leaf === undefined) {
      throw new LeafNotFoundError(index)
    }
    const { start, buffer } = leafPart(leaf.byteLength, options)
    buffer.set(leaf.subarray(start, start + buffer.byteLength))
    return buffer
  }

  async write(index: number, bytes: Uint8Array, { signal }: AbortOptions = {}): Promise<void> {
    signal?.throwIfAborted()
    checkLeaf(this.layout, index, bytes)
    // a copy: the buffer is the caller's again
    this.#leaves.set(index, bytes.slice())
  }

  async complete({ signal }: AbortOptions = {}): Promise<void> {
    signal?.throwIfAborted()
    for (let index = 0; index < this.layout.leafCount; index++) {
      if (!this.has(index)) {
        throw new LeafNotFoundError(index)
      }
    }
  }

  async close(): Promise<void> {
    // nothing to release: a memory store stays readable, as the state of a file store stays on disk
  }
}
