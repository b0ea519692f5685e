import type { Connection } from '@libp2p/interface'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { DRAIN_CHECK_MS, DRAIN_QUIET_CHECKS } from '../src/constants.ts'
import { Drains } from '../src/drain.ts'

const QUIET_MS = DRAIN_CHECK_MS * DRAIN_QUIET_CHECKS

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

let connections = 0

function connectionWith(...protocols: string[]): { connection: Connection; closes: () => number } {
  let count = 0
  const connection = {
    id: String(connections++),
    status: 'open',
    streams: protocols.map((protocol) => ({ protocol, direction: 'inbound' })),
    close: async () => {
      count++
      return Promise.resolve()
    }
  }
  return { connection: connection as unknown as Connection, closes: () => count }
}

test('a connection that nothing uses goes after a while, once', () => {
  const drains = new Drains()
  const { connection, closes } = connectionWith('/ipfs/ping/1.0.0', '/libp2p/dcutr')
  drains.drain(connection, () => true)
  drains.drain(connection, () => true)
  vi.advanceTimersByTime(QUIET_MS - 1)
  expect(closes()).toBe(0)
  vi.advanceTimersByTime(10 * QUIET_MS)
  expect(closes()).toBe(1)
})

test('one with a stream in use stays until it ends', () => {
  const drains = new Drains()
  const { connection, closes } = connectionWith('/p2pshare/transfer/1.0.0')
  drains.drain(connection, () => true)
  vi.advanceTimersByTime(100 * QUIET_MS)
  expect(closes()).toBe(0)
  connection.streams = []
  vi.advanceTimersByTime(QUIET_MS)
  expect(closes()).toBe(1)
})

test('one whose replacement is gone again stays', () => {
  const drains = new Drains()
  const { connection, closes } = connectionWith()
  let isReplaced = true
  drains.drain(connection, () => isReplaced)
  vi.advanceTimersByTime(DRAIN_CHECK_MS)
  isReplaced = false
  vi.advanceTimersByTime(10 * QUIET_MS)
  expect(closes()).toBe(0)
  expect(vi.getTimerCount()).toBe(0)
})

test('stopping leaves it as it is', () => {
  const drains = new Drains()
  const { connection, closes } = connectionWith()
  drains.drain(connection, () => true)
  drains.stop()
  vi.advanceTimersByTime(10 * QUIET_MS)
  expect(closes()).toBe(0)
  expect(vi.getTimerCount()).toBe(0)
})

test('streams that the other end opened count for a while, those that this end opened as long as they last', () => {
  const drains = new Drains({ maxForeignUseMs: 10 * DRAIN_CHECK_MS })
  const [theirs, ours] = [connectionWith('/p2pshare/transfer/1.0.0'), connectionWith('/p2pshare/transfer/1.0.0')]
  ours.connection.streams.forEach((stream) => (stream.direction = 'outbound'))
  drains.drain(theirs.connection, () => true)
  drains.drain(ours.connection, () => true)
  vi.advanceTimersByTime(10 * DRAIN_CHECK_MS)
  expect(theirs.closes()).toBe(0)
  vi.advanceTimersByTime(QUIET_MS)
  expect(theirs.closes()).toBe(1)
  vi.advanceTimersByTime(100 * QUIET_MS)
  expect(ours.closes()).toBe(0)
})

test('of more than so many the oldest is closed', () => {
  const drains = new Drains({ max: 2 })
  const all = [1, 2, 3].map(() => connectionWith('/p2pshare/transfer/1.0.0'))
  const [oldest, ...others] = all
  all.slice(0, 2).forEach(({ connection }) => drains.drain(connection, () => true))
  expect(oldest?.closes()).toBe(0)
  all.slice(2).forEach(({ connection }) => drains.drain(connection, () => true))
  expect(oldest?.closes()).toBe(1)
  vi.advanceTimersByTime(10 * QUIET_MS)
  expect(others.map(({ closes }) => closes())).toEqual([0, 0])
  drains.stop()
  expect(vi.getTimerCount()).toBe(0)
})
