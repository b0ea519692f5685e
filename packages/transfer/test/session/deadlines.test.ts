import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Deadlines } from '../../src/session/deadlines.ts'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

test('a deadline is over when its time is up', () => {
  const { signal } = new Deadlines(new AbortController().signal).start(1000)
  vi.advanceTimersByTime(999)
  expect(signal.aborted).toBe(false)
  vi.advanceTimersByTime(1)
  expect(signal.reason).toMatchObject({ name: 'TimeoutError' })
})

test('one that was kept is not over any more, whatever comes', () => {
  const shutdown = new AbortController()
  const { signal, clear } = new Deadlines(shutdown.signal).start(1000)
  clear()
  vi.advanceTimersByTime(2000)
  shutdown.abort()
  expect([signal.aborted, vi.getTimerCount()]).toEqual([false, 0])
})

test('all end with the node, and those that begin later as well', () => {
  const shutdown = new AbortController()
  const deadlines = new Deadlines(shutdown.signal)
  const open = Array.from({ length: 3 }, () => deadlines.start(1000))
  const reason = new DOMException('stopping', 'AbortError')
  shutdown.abort(reason)
  const all = [...open, deadlines.start(1000)]
  expect(all.map(({ signal }) => signal.reason as unknown)).toEqual([reason, reason, reason, reason])
  expect(vi.getTimerCount()).toBe(0)
})

test('however many there are, the node has one listener', () => {
  const shutdown = new AbortController()
  const listen = vi.spyOn(shutdown.signal, 'addEventListener')
  const deadlines = new Deadlines(shutdown.signal)
  for (let at = 0; at < 100; at++) {
    deadlines.start(1000)
  }
  expect(listen).toHaveBeenCalledTimes(1)
  shutdown.abort()
})
