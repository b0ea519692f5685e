import type { AbortOptions, PeerId } from '@libp2p/interface'
import type { Provider, ProviderRouting } from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'
import { describe, expect, test } from 'vitest'
import { providerRoutingCompliance as suite } from '../../src/compliance/provider-routing.ts'
import type { ProviderRoutingFixture } from '../../src/compliance/provider-routing.ts'
import { seededRandom } from '../../src/random.ts'
import { seededPeerId } from '../../src/test-node.ts'
import { providerRoutingCompliance } from '../../src/vitest.ts'
import { collect, failures } from '../helpers/collect.ts'

type Table = Map<string, PeerId[]>

const turn = async () => new Promise<void>((resolve) => setImmediate(resolve))

/** A table that all nodes of a network share: the least that keeps the contract. */
class TableRouting implements ProviderRouting {
  constructor(
    readonly self: PeerId,
    readonly table: Table
  ) {}

  async provide(root: CID, { signal }: AbortOptions = {}): Promise<void> {
    signal?.throwIfAborted()
    await turn()
    signal?.throwIfAborted()
    const peers = this.table.get(root.toString()) ?? []
    this.table.set(root.toString(), [...peers.filter((peer) => !peer.equals(this.self)), this.self])
  }

  async cancelProvide(_root: CID, { signal }: AbortOptions = {}): Promise<void> {
    signal?.throwIfAborted()
  }

  async *findProviders(root: CID, { signal }: AbortOptions = {}): AsyncGenerator<Provider> {
    signal?.throwIfAborted()
    await turn()
    signal?.throwIfAborted()
    for (const id of this.table.get(root.toString()) ?? []) {
      if (!id.equals(this.self)) {
        yield { id, multiaddrs: [] }
      }
    }
  }
}

const ids = await Promise.all([0, 1, 2].map(async (index) => seededPeerId(seededRandom(index))))

const fixture = (Routing: typeof TableRouting): ProviderRoutingFixture => ({
  async setup() {
    const table: Table = new Map()
    return { participants: ids.map((id) => ({ id, routing: new Routing(id, table) })) }
  },
  async teardown() {}
})

describe('a routing that keeps its promises', () => {
  providerRoutingCompliance(fixture(TableRouting))
})

class FindsItself extends TableRouting {
  override async *findProviders(root: CID, options?: AbortOptions) {
    yield* super.findProviders(root, options)
    if (this.table.get(root.toString())?.some((peer) => peer.equals(this.self)) === true) {
      yield { id: this.self, multiaddrs: [] }
    }
  }
}

class FindsTwice extends TableRouting {
  override async *findProviders(root: CID, options?: AbortOptions) {
    yield* super.findProviders(root, options)
    yield* super.findProviders(root, options)
  }
}

class IgnoresSignals extends TableRouting {
  override async provide(root: CID) {
    await super.provide(root)
  }

  override async *findProviders(root: CID) {
    yield* super.findProviders(root)
  }
}

class ThrowsForNobody extends TableRouting {
  override async *findProviders(root: CID, options?: AbortOptions) {
    let found = 0
    for await (const provider of super.findProviders(root, options)) {
      found++
      yield provider
    }
    if (found === 0) {
      throw new RangeError('nobody')
    }
  }
}

test.each([
  ['finds the node itself', FindsItself, ['does not find the node itself']],
  [
    'finds a peer twice',
    FindsTwice,
    [
      'finds from another node what was provided, as soon as provide resolves',
      'finds all providers, each once',
      'does not find the node itself',
      'takes the same root twice',
      'can be left in the middle of a search, and searched again'
    ]
  ],
  [
    'ignores signals',
    IgnoresSignals,
    [
      'does nothing with a signal that is aborted before the call',
      "gives up with the signal's reason when aborted during provide or a search"
    ]
  ],
  [
    'throws when it finds nobody',
    ThrowsForNobody,
    [
      'finds nobody for a root that nobody provides, without an error',
      'does nothing with a signal that is aborted before the call'
    ]
  ]
])('the suite catches a routing that %s', async (_, Routing, failing) => {
  const results = await collect((runner) => {
    suite(runner, fixture(Routing))
  })
  expect(failures(results)).toEqual(failing)
})
