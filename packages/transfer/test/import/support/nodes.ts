import type { MemoryBlockstore } from 'blockstore-core/memory'
import type { CID } from 'multiformats/cid'
import type { GetNode } from '../../../src/leaf-map-build.ts'
import type { NodeStore } from '../../../src/store/node-store.ts'
import type { NodeSink } from '../../../src/import/importer.ts'
import { collect } from './collect.ts'

/** Nodes in memory, by multihash. */
export class MemoryNodes implements NodeStore, NodeSink {
  readonly blocks = new Map<string, Uint8Array>()

  has(cid: CID): boolean {
    return this.blocks.has(key(cid))
  }

  async get(cid: CID): Promise<Uint8Array | undefined> {
    return this.blocks.get(key(cid))
  }

  async put(cid: CID, block: Uint8Array): Promise<void> {
    this.blocks.set(key(cid), block)
  }

  node(cid: CID, bytes: Uint8Array): void {
    this.blocks.set(key(cid), bytes)
  }

  async flush(): Promise<void> {}

  async close(): Promise<void> {}
}

function key(cid: CID): string {
  return Buffer.from(cid.multihash.bytes).toString('hex')
}

/** Blocks of an `interface-blockstore`, as the walk of a DAG asks for them. */
export function nodesOf(blocks: MemoryBlockstore): GetNode {
  return async (cid) => {
    if (!blocks.has(cid)) {
      return undefined
    }
    return Buffer.concat(await collect(blocks.get(cid)))
  }
}
