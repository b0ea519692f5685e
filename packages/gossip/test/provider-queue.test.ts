import { expect, test } from 'vitest'
import { ProviderQueue } from '../src/provider-queue.ts'
import { randomProviders } from './support/peers.ts'

test('hands on what was pushed before and while it is drained, then ends', async () => {
  const queue = new ProviderQueue(10)
  const [a, b, c] = await randomProviders(3)
  queue.push(a!)
  const found = []
  for await (const provider of queue.drain()) {
    found.push(provider)
    if (provider === a) {
      queue.push(b!)
      setImmediate(() => {
        queue.push(c!)
      })
    }
    if (provider === c) {
      queue.end()
    }
  }
  expect(found).toEqual([a, b, c])
})

test('a peer that waits already is not there twice', async () => {
  const queue = new ProviderQueue(10)
  const [a, b] = await randomProviders(2)
  queue.push(a!)
  queue.push({ ...a!, multiaddrs: [] })
  queue.push(b!)
  const drained = queue.drain()
  expect((await drained.next()).value).toEqual(a)
  expect((await drained.next()).value).toEqual(b)
  queue.end()
  expect((await drained.next()).done).toBe(true)
})

test('takes as many as it may hold and drops one more', async () => {
  const queue = new ProviderQueue(2)
  const [a, b, c] = await randomProviders(3)
  ;[a, b, c].forEach((provider) => {
    queue.push(provider!)
  })
  const drained = queue.drain()
  expect((await drained.next()).value).toBe(a)
  expect((await drained.next()).value).toBe(b)
  queue.end()
  expect((await drained.next()).done).toBe(true)
})

test('ended before it is drained, it yields nothing', async () => {
  const queue = new ProviderQueue(2)
  queue.end()
  expect((await queue.drain().next()).done).toBe(true)
})
