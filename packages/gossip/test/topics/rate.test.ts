import { expect, test } from 'vitest'
import { MAX_RATE_KEYS } from '../../src/topics/constants.ts'
import { RateWindow } from '../../src/topics/rate.ts'

test('lets the maximum through in a window, and not one more', () => {
  const rate = new RateWindow(100, 10)
  expect([1, 2, 3].map(() => rate.take('a', 2, 0))).toEqual([true, true, false])
})

test('begins anew with the next window', () => {
  const rate = new RateWindow(100, 10)
  rate.take('a', 1, 0)
  expect(rate.take('a', 1, 99)).toBe(false)
  expect(rate.take('a', 1, 100)).toBe(true)
})

test('counts each key for itself', () => {
  const rate = new RateWindow(100, 10)
  rate.take('a', 1, 0)
  expect(rate.take('b', 1, 0)).toBe(true)
})

test('forgets the oldest window when there are too many keys', () => {
  const rate = new RateWindow(100, 2)
  rate.take('a', 1, 0)
  rate.take('b', 1, 0)
  expect(rate.take('b', 1, 0)).toBe(false)
  rate.take('c', 1, 0)
  expect(rate.take('a', 1, 0)).toBe(true)
})

test('as many keys are counted as the bound; one more has the first forgotten', () => {
  const rate = new RateWindow(100, MAX_RATE_KEYS)
  for (let n = 0; n < MAX_RATE_KEYS; n++) {
    rate.take(`key ${n}`, 1, 0)
  }
  expect(rate.take('key 0', 1, 0)).toBe(false)
  rate.take('one more', 1, 0)
  expect(rate.take('key 0', 1, 0)).toBe(true)
})
