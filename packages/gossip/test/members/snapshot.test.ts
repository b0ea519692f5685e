import { defaultLogger } from '@libp2p/logger'
import { MemoryDatastore } from 'datastore-core'
import { Key } from 'interface-datastore'
import { expect, test } from 'vitest'
import { SnapshotStore } from '../../src/members/snapshot.ts'
import { MAX_CLAIM_BYTES, MAX_SNAPSHOT_BYTES, MAX_SNAPSHOT_CLAIMS } from '../../src/wire/limits.ts'

const log = defaultLogger().forComponent('test')
const KEY = new Key('/p2pshare/membership/net')
const claims = (count: number, bytes = 100): Uint8Array[] =>
  Array.from({ length: count }, (_, n) => new Uint8Array(bytes).fill(n))

test('what was saved is loaded', async () => {
  const datastore = new MemoryDatastore()
  const store = new SnapshotStore(datastore, 'net', log)
  expect(await store.load()).toEqual({ incarnation: 0, claims: [] })
  await store.save({ incarnation: 2 ** 50, claims: claims(3) })
  expect(await store.load()).toEqual({ incarnation: 2 ** 50, claims: claims(3) })
  expect(await new SnapshotStore(datastore, 'other', log).load()).toEqual({ incarnation: 0, claims: [] })
})

test('no more is kept than is read again', async () => {
  const datastore = new MemoryDatastore()
  const store = new SnapshotStore(datastore, 'net', log)
  await store.save({ incarnation: 1, claims: claims(MAX_SNAPSHOT_CLAIMS + 5) })
  expect((await store.load()).claims).toHaveLength(MAX_SNAPSHOT_CLAIMS)
  await store.save({ incarnation: 2, claims: claims(MAX_SNAPSHOT_CLAIMS, MAX_CLAIM_BYTES) })
  const { incarnation, claims: kept } = await store.load()
  expect(incarnation).toBe(2)
  expect(kept.length).toBeGreaterThan(100)
  expect((await datastore.get(KEY)).byteLength).toBeLessThanOrEqual(MAX_SNAPSHOT_BYTES)
})

test.each<[string, Uint8Array]>([
  ['garbage', Uint8Array.of(10, 200)],
  ['far too much', new Uint8Array(MAX_SNAPSHOT_BYTES + 1)]
])('%s in the datastore is forgotten', async (_, bytes) => {
  const datastore = new MemoryDatastore()
  await datastore.put(KEY, Uint8Array.from(bytes))
  expect(await new SnapshotStore(datastore, 'net', log).load()).toEqual({ incarnation: 0, claims: [] })
})

test('a disk that fails costs the memory, not the membership', async () => {
  const broken = {
    get: async (): Promise<never> => Promise.reject(new RangeError('bad sector')),
    put: async (): Promise<never> => Promise.reject(new RangeError('disk full'))
  }
  const store = new SnapshotStore(broken, 'net', log)
  await store.save({ incarnation: 1, claims: [] })
  expect(await store.load()).toEqual({ incarnation: 0, claims: [] })
})
