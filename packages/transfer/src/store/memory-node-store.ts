import type { AbortOptions } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import { nodeKey } from './node-key.ts'
import type { NodeStore } from './node-store.ts'

/** Inner nodes in memory, for tests and for nodes that keep nothing. */
export function memoryNodeStore(): NodeStore {
  return new MemoryNodeStore()
}

class MemoryNodeStore implements NodeStore {
  readonly #blocks = new Map<string, Uint8Array>()

  has(cid: CID): boolean {
    return this.#blocks.has(nodeKey(cid))
  }

  async get(cid: CID, { signal }: AbortOptions = {}): Promise<Uint8Array | undefined> {
    signal?.throwIfAborted()
    return this.#blocks.get(nodeKey(cid))
  }

  async put(cid: CID, block: Uint8Array, { signal }: AbortOptions = {}): Promise<void> {
    signal?.throwIfAborted()
    this.#blocks.set(nodeKey(cid), block.slice())
  }

  async flush({ signal }: AbortOptions = {}): Promise<void> {
    // nothing outlives the process
    signal?.throwIfAborted()
  }

  async close(): Promise<void> {
    this.#blocks.clear()
  }
}
