import { seededRandom } from '@p2pshare/testkit'
import { expect, test } from 'vitest'
import { RECORD_VALIDITY_MS, recordBytes } from '../../src/server/record.ts'
import type { ProviderRecord } from '../../src/server/record.ts'
import { RecordTable, recordLimits } from '../../src/server/record-table.ts'

const random = seededRandom('records')

function table(limits: Partial<typeof recordLimits> = {}): RecordTable {
  return new RecordTable(() => random.float(), { ...recordLimits, ...limits })
}

function record(key: string, provider: string, more: Partial<ProviderRecord> = {}): ProviderRecord {
  return { key, provider, addresses: [new Uint8Array(8)], receivedAt: 0, ...more }
}

test('a record is served until its 48 hours are over, and never after', () => {
  const records = table()
  records.put(record('k', 'a'))
  expect(records.get('k', RECORD_VALIDITY_MS - 1, 50)).toHaveLength(1)
  expect(records.get('k', RECORD_VALIDITY_MS, 50)).toHaveLength(0)
  expect(records.expire(RECORD_VALIDITY_MS - 1)).toHaveLength(0)
  expect(records.expire(RECORD_VALIDITY_MS)).toHaveLength(1)
  expect(records.size).toBe(0)
  expect(records.bytes).toBe(0)
  expect(records.keys).toBe(0)
})

test('a renewed record takes the place of the old one with its addresses and its time', () => {
  const records = table()
  records.put(record('k', 'a'))
  records.put(record('k', 'a', { receivedAt: 5, addresses: [] }))
  expect(records.size).toBe(1)
  expect(records.get('k', RECORD_VALIDITY_MS + 1, 50)).toEqual([record('k', 'a', { receivedAt: 5, addresses: [] })])
})

test('an answer is a random choice of the providers, each once', () => {
  const records = table()
  for (let at = 0; at < 60; at++) {
    records.put(record('k', `p${at}`))
  }
  const first = records.get('k', 0, 50).map(({ provider }) => provider)
  expect(new Set(first).size).toBe(50)
  expect(records.get('k', 0, 50).map(({ provider }) => provider)).not.toEqual(first)
  expect(records.get('other', 0, 50)).toEqual([])
})

test('a provider may have so many keys and not one more, but renews those it has', () => {
  const records = table({ maxKeysPerProvider: 3 })
  expect(['a', 'b', 'c', 'd'].map((key) => records.put(record(key, 'p')).stored)).toEqual([true, true, true, false])
  expect(records.put(record('a', 'p', { receivedAt: 9 })).stored).toBe(true)
})

test('a full key makes room by one of its largest IP group', () => {
  const records = table({ maxProvidersPerKey: 5 })
  records.put(record('k', 'honest', { group: '192.0.2' }))
  for (let at = 0; at < 4; at++) {
    records.put(record('k', `sybil ${at}`, { group: '198.51.100' }))
  }
  const { stored, evicted } = records.put(record('k', 'newcomer'))
  expect(stored).toBe(true)
  expect(evicted.map(({ group }) => group)).toEqual(['198.51.100'])
  expect(records.size).toBe(5)
})

test('one IP group has its share of a key, first come, and renews what it has', () => {
  const records = table({ maxGroupPerKey: 2 })
  for (let at = 0; at < 5; at++) {
    records.put(record('k', `p${at}`, { group: 'g' }))
  }
  records.put(record('k', 'other', { group: 'h' }))
  expect(records.put(record('k', 'p1', { group: 'g', receivedAt: 1 })).stored).toBe(true)
  expect(records.put(record('k', 'p4', { group: 'g' })).stored).toBe(false)
  const groups = records.get('k', 0, 50).map(({ group }) => group)
  expect(groups.filter((group) => group === 'g')).toHaveLength(2)
  expect(groups.filter((group) => group === 'h')).toHaveLength(1)
})

test('a full table takes from the provider that has most: a flood pushes out itself', () => {
  const one = recordBytes(record('k', 'p'))
  const records = table({ maxBytes: 100 * one })
  records.put(record('honest key', 'honest'))
  for (let at = 0; at < 1_000; at++) {
    records.put(record(`k${at}`, `flood ${at % 3}`))
  }
  expect(records.bytes).toBe(100 * one)
  expect(records.size).toBe(100)
  expect(records.get('honest key', 0, 50)).toHaveLength(1)
})

test('bytes, sizes and indexes stay right through a thousand random puts and expiries', () => {
  const records = table({ maxBytes: 40_000, maxProvidersPerKey: 6, maxKeysPerProvider: 12, maxGroupPerKey: 3 })
  for (let at = 0; at < 1_000; at++) {
    const group = random.int(3)
    records.put(
      record(`k${random.int(20)}`, `p${random.int(30)}`, {
        receivedAt: at,
        addresses: Array.from({ length: random.int(4) }, () => random.bytes(random.int(60))),
        ...(group === 0 ? {} : { group: `g${group}` })
      })
    )
    if (at % 100 === 99) {
      records.expire(RECORD_VALIDITY_MS + at - 80)
    }
    const all = [...records.records()]
    expect(records.size).toBe(all.length)
    expect(records.bytes).toBe(all.reduce((sum, each) => sum + recordBytes(each), 0))
    expect(records.bytes).toBeLessThanOrEqual(40_000)
  }
})
