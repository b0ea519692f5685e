import type { AbortOptions } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import { describe, expect, test } from 'vitest'
import { nodeStoreCompliance as suite } from '../../src/compliance/node-store.ts'
import type { NodeStoreFixture, NodeStoreLike } from '../../src/compliance/node-store.ts'
import { nodeStoreCompliance } from '../../src/vitest.ts'
import { collect, failures } from '../helpers/collect.ts'

type Blocks = Map<string, Uint8Array>

class MapStore implements NodeStoreLike {
  constructor(readonly blocks: Blocks) {}

  has(cid: CID) {
    return this.blocks.has(cid.toString())
  }

  async get(cid: CID, { signal }: AbortOptions = {}) {
    signal?.throwIfAborted()
    return this.blocks.get(cid.toString())
  }

  async put(cid: CID, block: Uint8Array, { signal }: AbortOptions = {}) {
    signal?.throwIfAborted()
    this.blocks.set(cid.toString(), block.slice())
  }

  async flush({ signal }: AbortOptions = {}) {
    signal?.throwIfAborted()
  }

  async close() {}
}

const fixture = (Store: typeof MapStore): NodeStoreFixture<{ store: NodeStoreLike; blocks: Blocks }> => ({
  async setup() {
    const blocks: Blocks = new Map()
    return { store: new Store(blocks), blocks }
  },
  async teardown() {},
  async reopen({ blocks }) {
    return new Store(blocks)
  }
})

describe('a store that keeps its promises', () => {
  nodeStoreCompliance(fixture(MapStore))
})

class KeepsBuffer extends MapStore {
  override async put(cid: CID, block: Uint8Array, options?: AbortOptions) {
    await super.put(cid, block, options)
    this.blocks.set(cid.toString(), block)
  }
}

class LosesAtClose extends MapStore {
  override async close() {
    this.blocks.clear()
  }
}

test.each([
  ["keeps the caller's buffer", KeepsBuffer, ['takes a block twice, and keeps its own copy']],
  ['loses what was flushed', LosesAtClose, ['opened again, has what was flushed']]
])('the suite catches a store that %s', async (_, Store, failing) => {
  const results = await collect((runner) => {
    suite(runner, fixture(Store))
  })
  expect(failures(results)).toEqual(failing)
})
