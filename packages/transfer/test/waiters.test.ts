import { expect, test } from 'vitest'
import { Waiters } from '../src/waiters.ts'

const { signal } = new AbortController()

test('everybody who waits is woken, once', async () => {
  const waiters = new Waiters()
  const waiting = [waiters.after(waiters.turn, signal), waiters.after(waiters.turn, signal)]
  waiters.wake()
  await Promise.all(waiting)
})

test('what changed between the look and the wait is not missed', async () => {
  const waiters = new Waiters()
  const { turn } = waiters
  waiters.wake()
  await waiters.after(turn, signal)
})

test('who gives up hears why, before or while it waits', async () => {
  const waiters = new Waiters()
  const stop = new AbortController()
  const waiting = waiters.after(waiters.turn, stop.signal)
  stop.abort(new TypeError('enough'))
  await expect(waiting).rejects.toThrow('enough')
  await expect(waiters.after(waiters.turn, stop.signal)).rejects.toThrow('enough')
})
