import { getEventListeners } from 'node:events'
import { seededRandom } from '@p2pshare/testkit'
import { checkLeaks } from '@p2pshare/testkit/vitest'
import { expect, test } from 'vitest'
import { firstByte } from '../src/first-byte.ts'
import { cleanUpSockets, readAll, socketPair } from './support/sockets.ts'

checkLeaks()
cleanUpSockets()

const TIMEOUT_MS = 60_000

test('tells the first byte, and leaves it with all that came with it', async () => {
  const { near, far } = await socketPair()
  const data = seededRandom('first byte').bytes(300_000)
  far.end(data)
  expect(await firstByte(near, TIMEOUT_MS, {})).toBe(data[0])
  expect(near.isPaused()).toBe(true)
  expect((await readAll(near)).equals(data)).toBe(true)
})

test('leaves no listener behind', async () => {
  const { near, far } = await socketPair()
  const before = near.eventNames().map((name) => [name, near.listenerCount(name)])
  const { signal } = new AbortController()
  far.write('x')
  await firstByte(near, TIMEOUT_MS, { signal })
  expect(near.eventNames().map((name) => [name, near.listenerCount(name)])).toEqual(before)
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

test('silence is not waited for longer than it may take', async () => {
  const { near } = await socketPair()
  await expect(firstByte(near, 5, {})).rejects.toMatchObject({ name: 'DeadlineError', afterMs: 5 })
})

test('an end before the first byte is an error', async () => {
  const { near, far } = await socketPair()
  far.end()
  await expect(firstByte(near, TIMEOUT_MS, {})).rejects.toMatchObject({ name: 'ConnectionCutError' })
})

test('a reset before the first byte is an error', async () => {
  const { near, far } = await socketPair()
  far.resetAndDestroy()
  await expect(firstByte(near, TIMEOUT_MS, {})).rejects.toMatchObject({ name: 'ConnectionCutError' })
})

test('can be given up', async () => {
  const { near } = await socketPair()
  const controller = new AbortController()
  const byte = firstByte(near, TIMEOUT_MS, { signal: controller.signal })
  controller.abort(new TypeError('enough'))
  await expect(byte).rejects.toThrow('enough')
})
