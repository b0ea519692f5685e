import { expect, test } from 'vitest'
import { MAX_RESERVED_IDS } from '../src/constants.ts'
import { MAX_STREAM_ID, StreamIds, isStreamId } from '../src/ids.ts'

test('an id is given once, until it is released', () => {
  const numbers = [4, 4, 4, 9, 4]
  const ids = new StreamIds(() => numbers.shift() ?? 0)
  expect(ids.take()).toBe(5)
  expect(ids.take()).toBe(10)
  ids.release(5)
  expect(ids.take()).toBe(5)
  expect(ids.claim(5)).toBe(false)
  expect(ids.claim(6)).toBe(true)
})

test('so many ids can be reserved, and not one more', () => {
  let next = 0
  const ids = new StreamIds(() => next++)
  const reserved = Array.from({ length: MAX_RESERVED_IDS }, () => ids.reserve())
  expect(() => ids.reserve()).toThrow(expect.objectContaining({ name: 'StreamIdError' }))
  ids.unreserve(reserved[0] ?? 0)
  expect(ids.reserve()).toBeGreaterThan(0)
})

test('only a reserved id can be used, once, and giving it back then has no effect', () => {
  const ids = new StreamIds(() => 0)
  expect(() => {
    ids.use(1)
  }).toThrow(expect.objectContaining({ code: 'ERR_STREAM_ID' }))
  const id = ids.reserve()
  ids.use(id)
  expect(() => {
    ids.use(id)
  }).toThrow()
  ids.unreserve(id)
  expect(ids.size).toBe(1)
})

test('ids are whole numbers of 32 bits, and never 0', () => {
  expect([1, MAX_STREAM_ID].map(isStreamId)).toEqual([true, true])
  expect([0, -1, MAX_STREAM_ID + 1, 1.5, NaN].map(isStreamId)).toEqual([false, false, false, false, false])
  expect(new StreamIds((most) => most - 1).take()).toBe(MAX_STREAM_ID)
  expect(new StreamIds(() => 0).take()).toBe(1)
})
