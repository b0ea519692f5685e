import { expect, test } from 'vitest'
import { Pace } from '../../src/topics/pace.ts'

test('a burst passes, then the rate holds', () => {
  const pace = new Pace(100, 1000, 10)
  expect(pace.take('a', 1000, 0)).toBe(0)
  expect(pace.take('a', 50, 0)).toBe(500)
  // the debt is paid with time, and the burst is earned again
  expect(pace.take('a', 0, 500)).toBe(0)
  expect(pace.take('a', 1000, 20_000)).toBe(0)
})

test('what came at once has to be waited for as long as it is', () => {
  const pace = new Pace(100, 0, 10)
  expect(pace.take('a', 100, 0)).toBe(1000)
  expect(pace.take('a', 100, 0)).toBe(2000)
})

test('each peer has its own', () => {
  const pace = new Pace(100, 100, 10)
  pace.take('a', 200, 0)
  expect(pace.take('b', 100, 0)).toBe(0)
})

test('a clock that goes back earns nothing', () => {
  const pace = new Pace(100, 100, 10)
  pace.take('a', 200, 1000)
  expect(pace.take('a', 0, 0)).toBe(1000)
})

test('remembers as many peers as it may; one more and the quietest is forgotten', () => {
  const pace = new Pace(100, 0, 2)
  pace.take('a', 100, 0)
  pace.take('b', 100, 1)
  pace.take('a', 0, 2)
  pace.take('c', 100, 3)
  expect(pace.take('b', 0, 3)).toBe(0)
})
