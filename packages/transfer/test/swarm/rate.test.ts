import { expect, test } from 'vitest'
import { Rate } from '../../src/swarm/rate.ts'

test('a steady stream is measured at its rate, from the first seconds on', () => {
  const rate = new Rate(0)
  for (let now = 10; now <= 10_000; now += 10) {
    rate.add(1000, now)
    if (now >= 500) {
      expect(rate.perSecond(now)).toBeGreaterThan(98_000)
      expect(rate.perSecond(now)).toBeLessThan(102_500)
    }
  }
})

test('silence makes it fall, by two thirds in one time constant', () => {
  const rate = new Rate(0)
  for (let now = 10; now <= 20_000; now += 10) {
    rate.add(1000, now)
  }
  const before = rate.perSecond(20_000)
  expect(rate.perSecond(22_000) / before).toBeCloseTo(Math.exp(-1), 3)
  expect(rate.perSecond(60_000)).toBeLessThan(1)
})

test('a longer time constant remembers longer', () => {
  const [short, long] = [new Rate(0), new Rate(0, 30_000)]
  for (const rate of [short, long]) {
    rate.add(60_000, 1000)
  }
  expect(long.perSecond(10_000)).toBeGreaterThan(10 * short.perSecond(10_000))
})

test('the first bytes are not taken for a huge rate', () => {
  const rate = new Rate(0)
  rate.add(1_000_000, 0)
  expect(rate.perSecond(0)).toBeLessThan(11_000_000)
})

test('a clock that stands still or goes back harms nothing', () => {
  const rate = new Rate(1000)
  rate.add(100, 1000)
  rate.add(100, 900)
  expect(rate.perSecond(900)).toBe(rate.perSecond(1000))
  expect(Number.isFinite(rate.perSecond(1000))).toBe(true)
})
