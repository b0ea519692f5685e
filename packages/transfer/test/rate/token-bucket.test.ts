import { describe, expect, test } from 'vitest'
import { BURST_MS, burstBytesOf, MIN_BURST_BYTES, TokenBucket } from '../../src/rate/token-bucket.ts'

const MIB = 1024 * 1024

test('a burst is what passes in BURST_MS at the cap, MIN_BURST_BYTES at least', () => {
  const edge = (MIN_BURST_BYTES * 1000) / BURST_MS
  expect([1024, edge, edge + 1000].map(burstBytesOf)).toEqual([
    MIN_BURST_BYTES,
    MIN_BURST_BYTES,
    MIN_BURST_BYTES + BURST_MS
  ])
})

describe('a bucket', () => {
  test('is empty at first, fills at the cap, and holds one burst', () => {
    const bucket = new TokenBucket(MIB, 0)
    expect(bucket.has(1, 0)).toBe(false)
    expect(bucket.waitMs(MIB / 100, 0)).toBeCloseTo(10)
    expect(bucket.has(MIB / 100, 10)).toBe(true)
    bucket.take(0, 100_000)
    expect(bucket.has(bucket.burstBytes, 100_000)).toBe(true)
    bucket.take(bucket.burstBytes, 100_000)
    expect(bucket.has(1, 100_000)).toBe(false)
  })

  test('lets more than a burst pass when it is full, and is paid back before anything else passes', () => {
    const bucket = new TokenBucket(MIB, 0)
    expect(bucket.has(10 * MIB, 1000)).toBe(true)
    bucket.take(10 * MIB, 1000)
    const debt = 10 * MIB - bucket.burstBytes
    expect(bucket.waitMs(1, 1000)).toBeCloseTo(((debt + 1) / MIB) * 1000)
  })

  test('loses what it saved up when the cap is lowered, and gains nothing at once when it is raised', () => {
    const bucket = new TokenBucket(100 * MIB, 0)
    bucket.take(0, 1000)
    bucket.change(2 * MIB, 1000)
    expect(bucket.has(burstBytesOf(2 * MIB), 1000)).toBe(true)
    bucket.take(burstBytesOf(2 * MIB), 1000)
    expect(bucket.has(1, 1000)).toBe(false)
    bucket.change(100 * MIB, 1000)
    expect(bucket.has(1, 1000)).toBe(false)
    expect(bucket.waitMs(MIB, 1000)).toBeCloseTo(10)
  })

  test('counts by the rate that was in force', () => {
    const bucket = new TokenBucket(1000 * 1024, 0)
    bucket.change(10_000 * 1024, 10)
    bucket.take(10 * 1024 + 10 * 10 * 1024, 20)
    expect(bucket.has(1, 20)).toBe(false)
    expect(bucket.waitMs(0, 20)).toBeCloseTo(0)
  })

  test('a clock that goes back changes nothing', () => {
    const bucket = new TokenBucket(MIB, 1000)
    expect(bucket.waitMs(1024, 0)).toBeCloseTo((1024 / MIB) * 1000)
    expect(bucket.waitMs(1024, 1000)).toBeCloseTo((1024 / MIB) * 1000)
  })
})
