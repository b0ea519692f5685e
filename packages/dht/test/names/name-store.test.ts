import { expect, test } from 'vitest'
import { MAX_STORED_NAMES, MAX_STORED_NAME_BYTES } from '../../src/names/constants.ts'
import { NameStore } from '../../src/names/name-store.ts'
import type { NameRecord } from '../../src/names/name-record.ts'

const record = (sequence: bigint, validUntil = 100, bytes = 10): NameRecord => ({
  value: '/ipfs/x',
  sequence,
  validUntil,
  ttlMs: 0,
  bytes: new Uint8Array(bytes)
})

/** The name is how far it is. */
const distance = Number

test('a record is replaced by a newer one, and by nothing else', () => {
  const store = new NameStore({ distance })
  expect(store.put('1', record(5n), 0)).toBe('kept')
  expect(store.put('1', record(4n, 200), 0)).toBe('older')
  expect(store.put('1', record(5n, 99), 0)).toBe('older')
  expect(store.put('1', record(5n), 0)).toBe('same')
  expect(store.put('1', record(5n, 101), 0)).toBe('kept')
  expect(store.get('1', 100)?.validUntil).toBe(101)
  expect(store.get('1', 101)).toBeUndefined()
})

test('when there is no room, those that are far go, and come back only when there is', () => {
  const gone: string[] = []
  const store = new NameStore({
    distance,
    maxNames: 32,
    onChange: (name, change) => {
      if (change === undefined) {
        gone.push(name)
      }
    }
  })
  for (let n = 1; n <= 32; n++) {
    store.put(String(n), record(0n, n <= 16 ? 1_000 : 100), 0)
  }
  expect(store.put('0', record(0n), 0)).toBe('kept')
  expect(gone).toEqual(['32', '31', '30'])
  expect(store.put('40', record(0n), 0)).toBe('full')
  expect(store.size.names).toBe(30)
  store.sweep(500)
  expect(store.put('40', record(0n, 1_000), 500)).toBe('kept')
})

test('MAX_STORED_NAMES and MAX_STORED_NAME_BYTES: up to them all are kept, and never more', () => {
  const names = new NameStore({ distance })
  const shared = record(0n)
  for (let n = 0; n < MAX_STORED_NAMES; n++) {
    names.put(String(n), shared, 0)
  }
  expect(names.size.names).toBe(MAX_STORED_NAMES)
  names.put(String(MAX_STORED_NAMES), shared, 0)
  expect(names.size.names).toBeLessThan(MAX_STORED_NAMES)

  const bytes = new NameStore({ distance })
  const mebibyte = record(0n, 100, 1024 * 1024)
  const most = MAX_STORED_NAME_BYTES / mebibyte.bytes.byteLength
  for (let n = 0; n < most; n++) {
    bytes.put(String(n), mebibyte, 0)
  }
  expect(bytes.size).toEqual({ names: most, bytes: MAX_STORED_NAME_BYTES })
  bytes.put('1000', record(0n, 100, 1), 0)
  expect(bytes.size.bytes).toBeLessThanOrEqual(MAX_STORED_NAME_BYTES)
})
