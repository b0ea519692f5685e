import type { PeerId } from '@libp2p/interface'
import { kadDHT } from '@libp2p/kad-dht'
import type { KadDHTComponents } from '@libp2p/kad-dht'
import { defaultLogger } from '@libp2p/logger'
import { seededRandom } from '@p2pshare/testkit'
import { expect, test } from 'vitest'
import { MAX_TABLE_CONTACTS, TABLE_PREFIX_BITS } from '../../src/constants.ts'
import { SEEDS } from '../../src/rules/lookup.ts'
import { nearest } from '../../src/table/nearest.ts'
import type { Bucket, TableContact } from '../../src/table/nearest.ts'
import { trieOf } from '../support/trie.ts'
import { peerOf } from '../support/virtual-world.ts'

interface KadContact extends TableContact {
  readonly peerId: PeerId
}

/** The parts of kad-dht's table that the tests fill and read. */
interface KadTable {
  readonly root: Bucket<KadContact>
  start(): Promise<void>
  add(peer: PeerId): Promise<void>
  count(): number
  closest(id: Uint8Array, options: { count: number }): Iterable<PeerId>
}

/** kad-dht's own table; everybody answers its pings. */
async function createTable(self: PeerId): Promise<KadTable> {
  const parts = { peerId: self, logger: defaultLogger(), events: new EventTarget(), ping: { ping: async () => 1 } }
  const peerStore = { merge: async () => undefined }
  const components = { ...parts, peerStore } as unknown as KadDHTComponents
  const kad = kadDHT({
    protocol: '/test/kad/1.0.0',
    prefixLength: TABLE_PREFIX_BITS,
    kBucketSize: MAX_TABLE_CONTACTS / 2 ** TABLE_PREFIX_BITS
  })(components)
  const { kb } = (kad as unknown as { routingTable: { kb: KadTable } }).routingTable
  await kb.start()
  return kb
}

test("in kad-dht's table the nearest are those that its own look at everybody finds", async () => {
  const random = seededRandom('kad table')
  const table = await createTable(peerOf(random))
  for (let at = 0; at < 1_000; at++) {
    await table.add(peerOf(random))
  }
  expect(table.count()).toBe(1_000)
  for (let at = 0; at < 20; at++) {
    const target = random.bytes(32)
    const found = nearest(table.root, target, SEEDS).map(({ peerId }) => peerId.toString())
    expect(found).toEqual([...table.closest(target, { count: SEEDS })].map((id) => id.toString()))
  }
})

test('MAX_TABLE_CONTACTS is the sum of full buckets: the lowest take 20 and not one more', async () => {
  const random = seededRandom('full bucket')
  const table = await createTable(peerOf(random))
  const share = MAX_TABLE_CONTACTS / 2 ** TABLE_PREFIX_BITS
  for (let at = 0; at < share; at++) {
    await table.add(peerOf(random, ({ high }) => high >>> (32 - TABLE_PREFIX_BITS) === 5))
  }
  expect(table.count()).toBe(share)
  expect(share).toBe(20)
  await table.add(peerOf(random, ({ high }) => high >>> (32 - TABLE_PREFIX_BITS) === 5))
  expect(table.count()).toBe(share)
})

/** Contacts that were looked at since the last time. */
class Looks {
  readonly #seen = new Set<number>()

  contact(at: number, id: Uint8Array): TableContact {
    const seen = this.#seen
    return {
      get kadId() {
        seen.add(at)
        return id
      }
    }
  }

  take(): number {
    const { size } = this.#seen
    this.#seen.clear()
    return size
  }
}

test.each([1_000, 20_000])(
  'of a table of %i contacts it looks at those it names and the rest of one bucket',
  (size) => {
    const random = seededRandom('looks')
    const looks = new Looks()
    const contacts = Array.from({ length: size }, (_, at) => looks.contact(at, random.bytes(4)))
    const trie = trieOf(contacts, TABLE_PREFIX_BITS)
    looks.take()
    for (const count of [1, 20, SEEDS]) {
      for (let at = 0; at < 20; at++) {
        expect(nearest(trie, random.bytes(4), count)).toHaveLength(count)
        expect(looks.take()).toBeLessThanOrEqual(count + 19)
      }
    }
  }
)

test('nobody is looked at when nobody is wanted, and an empty table has nobody', () => {
  expect(nearest({ peers: [] }, new Uint8Array(32), 20)).toEqual([])
  expect(nearest({ peers: [{ kadId: new Uint8Array(32) }] }, new Uint8Array(32), 0)).toEqual([])
})
