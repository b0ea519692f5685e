import { expect, test } from 'vitest'
import { TokenBucket } from '../src/token-bucket.ts'

test('what was saved up may be spent at once, then as much as comes in', () => {
  const bucket = new TokenBucket({ burst: 3, perSecond: 10 }, 0)
  for (let spent = 0; spent < 3; spent++) {
    expect(bucket.waitMs(0)).toBe(0)
    bucket.spend(1, 0)
  }
  expect(bucket.waitMs(0)).toBe(100)
  expect(bucket.waitMs(100)).toBe(0)
})

test('it may be overdrawn once, and is paid back', () => {
  const bucket = new TokenBucket({ burst: 10, perSecond: 10 }, 0)
  bucket.spend(30, 0)
  expect(bucket.waitMs(0)).toBe(2_100)
  expect(bucket.waitMs(2_000)).toBe(100)
  expect(bucket.waitMs(2_100)).toBe(0)
})

test('it does not fill beyond its burst, nor when the clock goes back', () => {
  const bucket = new TokenBucket({ burst: 2, perSecond: 1 }, 1_000)
  bucket.spend(2, 1_000_000)
  bucket.spend(0, 0)
  expect(bucket.waitMs(0)).toBe(1_000)
})
