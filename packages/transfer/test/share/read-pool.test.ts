import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { MAX_READ_BYTES, ReadPool } from '../../src/share/read-pool.ts'
import type { ReadBuffer } from '../../src/share/read-pool.ts'
import { FRAME_HEADER_BYTES } from '../../src/wire/frame.ts'

const MIB = 1024 * 1024
const never = new AbortController().signal

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

function taken(pool: ReadPool, bytes: number): ReadBuffer {
  const buffer = pool.tryTake(bytes)
  if (buffer === undefined) {
    throw new TypeError('the pool is empty')
  }
  return buffer
}

async function turns(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0)
}

test('a buffer has room for what was asked for, and for a header before it', () => {
  const pool = new ReadPool()
  for (const bytes of [1, 16 * 1024, 100_000, 262_144, 2 * MIB]) {
    const { body } = taken(pool, bytes)
    expect(body.byteLength).toBeGreaterThanOrEqual(bytes)
    expect(body.byteOffset).toBeGreaterThanOrEqual(FRAME_HEADER_BYTES)
  }
})

test('MAX_READ_BYTES are handed out, and not a byte more', () => {
  const pool = new ReadPool()
  for (let at = 0; at < MAX_READ_BYTES / MIB; at++) {
    taken(pool, MIB)
  }
  expect(pool.countedBytes).toBe(MAX_READ_BYTES)
  expect(pool.tryTake(1)).toBeUndefined()
})

test('what comes back is used again', () => {
  const pool = new ReadPool()
  const first = taken(pool, MIB)
  pool.give(first)
  expect(pool.countedBytes).toBe(0)
  expect(taken(pool, MIB - 5)).toBe(first)
})

test('who finds nothing waits, first come first served, and nobody overtakes', async () => {
  const pool = new ReadPool(4 * MIB)
  const [first, second] = [taken(pool, 2 * MIB), taken(pool, 2 * MIB)]
  const order: string[] = []
  const wait = async (name: string, bytes: number): Promise<void> => {
    await pool.take(bytes, never)
    order.push(name)
  }
  void wait('large', 2 * MIB)
  void wait('small', 16 * 1024)
  expect(pool.tryTake(1)).toBeUndefined()
  pool.give(first)
  await turns()
  expect(order).toEqual(['large'])
  pool.give(second)
  await turns()
  expect(order).toEqual(['large', 'small'])
})

test('one that does not wait any more holds nobody', async () => {
  const pool = new ReadPool(2 * MIB)
  const held = taken(pool, MIB)
  const abort = new AbortController()
  const large = pool.take(2 * MIB, abort.signal)
  const small = pool.take(MIB, never)
  abort.abort(new DOMException('closed', 'AbortError'))
  await expect(large).rejects.toThrow('closed')
  await small
  await expect(pool.take(1, abort.signal)).rejects.toThrow('closed')
  pool.give(held)
  expect(vi.getTimerCount()).toBe(0)
})

test('what a lane has taken makes room at once, and comes back later without being counted twice', () => {
  const pool = new ReadPool(2 * MIB)
  const sent = taken(pool, 2 * MIB)
  pool.settle(sent)
  expect(pool.countedBytes).toBe(0)
  const other = taken(pool, 2 * MIB)
  expect(other).not.toBe(sent)
  pool.give(sent)
  expect(pool.countedBytes).toBe(2 * MIB)
  pool.give(other)
  expect(pool.countedBytes).toBe(0)
})

test('parked buffers are taken away when they are needed, the oldest first', () => {
  const pool = new ReadPool(2 * MIB)
  const dropped: string[] = []
  const [a, b] = [taken(pool, MIB), taken(pool, MIB)]
  pool.park(a, () => dropped.push('a'))
  pool.park(b, () => dropped.push('b'))
  expect(pool.countedBytes).toBe(2 * MIB)
  expect(taken(pool, MIB)).toBe(a)
  expect(dropped).toEqual(['a'])
  pool.unpark(b)
  expect(pool.tryTake(MIB)).toBeUndefined()
  expect(dropped).toEqual(['a'])
})

test('no more than a few leaves are parked', () => {
  const pool = new ReadPool()
  let dropped = 0
  for (let at = 0; at < 10; at++) {
    pool.park(taken(pool, MIB), () => dropped++)
  }
  expect(dropped).toBeGreaterThanOrEqual(6)
})

test('free buffers and those in use are within the limit together, whatever their sizes', () => {
  const pool = new ReadPool(4 * MIB)
  for (const bytes of [MIB, 262_144, 65_536, 2 * MIB]) {
    const many = Array.from({ length: (4 * MIB) / bytes }, () => taken(pool, bytes))
    expect(pool.countedBytes + pool.freeBytes).toBeLessThanOrEqual(4 * MIB)
    many.forEach((buffer) => {
      pool.give(buffer)
    })
    expect(pool.countedBytes + pool.freeBytes).toBeLessThanOrEqual(4 * MIB)
  }
})

test('those who hold buffers are reminded while somebody waits, and not otherwise', async () => {
  const pool = new ReadPool(MIB)
  let reminders = 0
  const end = pool.onPressure(() => reminders++)
  const held = taken(pool, MIB)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(reminders).toBe(0)
  const waiting = pool.take(MIB, never)
  await vi.advanceTimersByTimeAsync(3000)
  expect(reminders).toBeGreaterThan(1)
  end()
  const before = reminders
  await vi.advanceTimersByTimeAsync(3000)
  expect(reminders).toBe(before)
  pool.give(held)
  await waiting
  expect(vi.getTimerCount()).toBe(0)
})
