import { expect, test } from 'vitest'
import { KeyedQueue } from '../../src/topics/queue.ts'

function queueOf(max: number, ...keys: string[]): KeyedQueue<string> {
  const queue = new KeyedQueue<string>(max)
  keys.forEach((key) => {
    queue.push(key, key)
  })
  return queue
}

test('hands on what was pushed before and while it is drained, then ends', async () => {
  const queue = queueOf(10, 'a')
  const found = []
  for await (const value of queue.drain()) {
    found.push(value)
    if (value === 'a') {
      queue.push('b', 'b')
      setImmediate(() => {
        queue.push('c', 'c')
      })
    }
    if (value === 'c') {
      queue.end()
    }
  }
  expect(found).toEqual(['a', 'b', 'c'])
})

test('a key that waits already is not there twice, and has its newest value', async () => {
  const queue = queueOf(10, 'a', 'b')
  queue.push('a', 'newer')
  const drained = queue.drain()
  expect((await drained.next()).value).toBe('newer')
  expect((await drained.next()).value).toBe('b')
  queue.end()
  expect((await drained.next()).done).toBe(true)
})

test('takes as many as it may hold and drops one more', async () => {
  const drained = queueOf(2, 'a', 'b', 'c').drain()
  expect([(await drained.next()).value, (await drained.next()).value]).toEqual(['a', 'b'])
})

test('or drops the oldest instead', async () => {
  const queue = new KeyedQueue<string>(2, { dropOldest: true })
  ;['a', 'b', 'c'].forEach((key) => {
    queue.push(key, key)
  })
  const drained = queue.drain()
  expect([(await drained.next()).value, (await drained.next()).value]).toEqual(['b', 'c'])
})

test('what was taken back is not handed on', async () => {
  const queue = queueOf(2, 'a', 'b')
  queue.remove('a')
  expect((await queue.drain().next()).value).toBe('b')
})

test('ended before it is drained, it yields nothing', async () => {
  const queue = queueOf(2, 'a')
  queue.end()
  expect((await queue.drain().next()).done).toBe(true)
})
