import { seededRandom } from '@p2pshare/testkit'
import { expect, test } from 'vitest'
import { MAX_HOLDERS_SEEN, MIN_HOLDERS_SEEN, estimateHalfLife } from '../../src/rules/half-life.ts'
import type { HolderSeen } from '../../src/rules/half-life.ts'

const HOUR = 60 * 60 * 1000

test.each([1, 2, 8])('two hundred holders tell a half-life of %i h to within a third', (hours) => {
  const random = seededRandom(`half-life ${hours}`)
  for (let round = 0; round < 10; round++) {
    const seen = Array.from({ length: MAX_HOLDERS_SEEN }, (): HolderSeen => {
      const elapsedMs = (0.5 + 4 * random.float()) * HOUR
      return { elapsedMs, gone: random.float() > 2 ** -(elapsedMs / (hours * HOUR)) }
    })
    const estimate = (estimateHalfLife(seen) ?? 0) / HOUR
    expect(estimate).toBeGreaterThan(hours / 1.33)
    expect(estimate).toBeLessThan(hours * 1.33)
  }
})

test('fewer than the least say nothing, and only the latest count', () => {
  const there = Array.from({ length: MIN_HOLDERS_SEEN }, (): HolderSeen => ({ elapsedMs: HOUR, gone: false }))
  expect(estimateHalfLife(there.slice(1))).toBeUndefined()
  expect((estimateHalfLife(there) ?? 0) / HOUR).toBeCloseTo(30 * 24, 0)
  const gone = Array.from({ length: MAX_HOLDERS_SEEN }, (): HolderSeen => ({ elapsedMs: HOUR, gone: true }))
  expect(estimateHalfLife([...there, ...gone])).toBeLessThan(2 * 60 * 1000)
  expect(estimateHalfLife([...gone, ...there])).toBeGreaterThan(2 * 60 * 1000)
})
