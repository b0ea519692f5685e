import { expect, test } from 'vitest'
import { createRate } from '../src/rate.ts'
import { createThrottle } from '../src/throttle.ts'

test('the rate is that of the last seconds, not of the whole time', () => {
  const rate = createRate(1000)
  expect(rate(0, 0)).toBe(0)
  expect(rate(500, 500)).toBe(1000)
  expect(rate(1000, 1000)).toBe(1000)
  rate(1000, 2000)
  expect(rate(1000, 3000)).toBe(0)
})

test('a rate survives two samples at the same time', () => {
  const rate = createRate()
  rate(0, 5)
  expect(rate(100, 5)).toBe(0)
})

test('a throttle may start later', () => {
  const due = createThrottle(100, 50)
  expect([7, 56, 57, 156, 157].map(due)).toEqual([false, false, true, false, true])
})

test('a throttle lets the first call through and then one in each interval', () => {
  const due = createThrottle(100)
  expect([0, 50, 99, 100, 150, 200].map(due)).toEqual([true, false, false, true, false, true])
})
