import { defaultLogger } from '@libp2p/logger'
import { MemoryDatastore } from 'datastore-core'
import { Key } from 'interface-datastore'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { RECORD_VALIDITY_MS } from '../../src/server/record.ts'
import type { ProviderRecord } from '../../src/server/record.ts'
import { EXPIRE_INTERVAL_MS, RecordStore } from '../../src/server/record-store.ts'
import { WRITE_INTERVAL_MS } from '../../src/store/write-behind.ts'
import { RecordTable, recordLimits } from '../../src/server/record-table.ts'

const prefix = '/test/record'

let datastore: MemoryDatastore
let open: RecordStore[]

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 })
  datastore = new MemoryDatastore()
  open = []
})

afterEach(async () => {
  await Promise.all(open.map(async (store) => store.stop()))
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

async function start(limits: Partial<typeof recordLimits> = {}): Promise<RecordStore> {
  const table = new RecordTable(() => 0, { ...recordLimits, ...limits })
  const store = new RecordStore({ table, datastore, prefix, log: defaultLogger().forComponent('test') })
  open.push(store)
  await store.start()
  return store
}

function record(key: string, provider: string): ProviderRecord {
  return { key, provider, addresses: [new Uint8Array([1, 2])], receivedAt: Date.now(), group: '192.0.2' }
}

async function stored(): Promise<string[]> {
  const names: string[] = []
  for await (const key of datastore.queryKeys({ prefix })) {
    names.push(key.toString().slice(prefix.length))
  }
  return names.sort()
}

test('a restart loses no record', async () => {
  const first = await start()
  first.put(record('k', 'a'))
  first.put(record('k', 'b'))
  await first.stop()
  const second = await start()
  expect(second.get('k', 50)).toEqual([record('k', 'a'), record('k', 'b')])
})

test('changes reach the disk together, within a second', async () => {
  const store = await start()
  const batch = vi.spyOn(datastore, 'batch')
  store.put(record('k', 'a'))
  // the timer begins with what makes room, or with the next write
  store.put(record('l', 'a'))
  await vi.advanceTimersByTimeAsync(WRITE_INTERVAL_MS)
  expect(await stored()).toEqual(['/k/a', '/l/a'])
  expect(batch).toHaveBeenCalledTimes(1)
})

test('who made room is gone from the disk as well', async () => {
  const store = await start({ maxProvidersPerKey: 1 })
  store.put(record('k', 'a'))
  await vi.advanceTimersByTimeAsync(WRITE_INTERVAL_MS)
  store.put(record('k', 'b'))
  await vi.advanceTimersByTimeAsync(WRITE_INTERVAL_MS)
  expect(await stored()).toEqual(['/k/b'])
})

test('what expired goes, in a running node and at its next start', async () => {
  const store = await start()
  store.put(record('k', 'a'))
  await vi.advanceTimersByTimeAsync(RECORD_VALIDITY_MS + EXPIRE_INTERVAL_MS + WRITE_INTERVAL_MS)
  expect(await stored()).toEqual([])
  store.put(record('k', 'b'))
  await store.stop()
  vi.setSystemTime(Date.now() + RECORD_VALIDITY_MS)
  const next = await start()
  expect(next.get('k', 50)).toEqual([])
  await next.stop()
  expect(await stored()).toEqual([])
})

test('a record that cannot be read is removed, and the others stand', async () => {
  await datastore.put(new Key(`${prefix}/k/broken`), new Uint8Array([0xff, 0xff]))
  const first = await start()
  first.put(record('k', 'a'))
  await first.stop()
  expect(await stored()).toEqual(['/k/a'])
})

test('a disk that fails is tried again', async () => {
  const store = await start()
  const commit = vi.fn().mockRejectedValueOnce(new RangeError('no space')).mockResolvedValue(undefined)
  vi.spyOn(datastore, 'batch').mockReturnValue({ put: vi.fn(), delete: vi.fn(), commit })
  store.put(record('k', 'a'))
  await vi.advanceTimersByTimeAsync(2 * WRITE_INTERVAL_MS)
  expect(commit).toHaveBeenCalledTimes(2)
  expect(store.get('k', 50)).toHaveLength(1)
})
