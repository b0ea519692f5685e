import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { abortable, pause } from '../src/wait.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

test('abortable settles as the promise does', async () => {
  const { signal } = new AbortController()
  expect(await abortable(Promise.resolve(1), { signal })).toBe(1)
  await expect(abortable(Promise.reject(new TypeError('no')), { signal })).rejects.toThrow('no')
  expect(await abortable(Promise.resolve(2), {})).toBe(2)
})

test('abortable rejects with the reason of the signal', async () => {
  const controller = new AbortController()
  const waiting = abortable(new Promise(() => {}), { signal: controller.signal })
  controller.abort(new TypeError('enough'))
  await expect(waiting).rejects.toThrow('enough')
  await expect(abortable(Promise.resolve(), { signal: controller.signal })).rejects.toThrow('enough')
})

test('pause ends when its time is over, and an abort leaves no timer behind', async () => {
  const paused = pause(100, {})
  await vi.advanceTimersByTimeAsync(100)
  await paused
  const controller = new AbortController()
  const aborted = pause(100, { signal: controller.signal })
  controller.abort(new TypeError('enough'))
  await expect(aborted).rejects.toThrow('enough')
})
