import { expect, test } from 'vitest'
import { Presence } from '../src/presence.ts'

test('who waits has it as soon as it is there, and after it was away again', async () => {
  const presence = new Presence<number>()
  const waiting = presence.wait()
  presence.clear() // it was not there
  expect(presence.now).toBeUndefined()
  presence.set(1)
  expect([await waiting, await presence.wait(), presence.now]).toEqual([1, 1, 1])
  presence.clear()
  const again = presence.wait()
  presence.set(2)
  presence.set(3)
  expect([await again, await presence.wait()]).toEqual([2, 3])
})

test('who waits hears that it does not come any more', async () => {
  const presence = new Presence<number>()
  const waiting = presence.wait()
  presence.end(new TypeError('over'))
  presence.end(new TypeError('over again'))
  await expect(waiting).rejects.toThrow(/^over$/u)
  presence.set(1)
  expect(presence.now).toBeUndefined()
  await expect(presence.wait()).rejects.toThrow(/^over$/u)
})
