import { expect, test } from 'vitest'
import { percentile, quietRuns, spread } from '../src/harness/stats.ts'

test('a percentile lies between its neighbours', () => {
  expect(percentile([4, 1, 3, 2], 50)).toBe(2.5)
  expect(percentile([1, 2, 3], 100)).toBe(3)
})

test('a spread ignores runs that cannot tell', () => {
  expect(spread([2, undefined, 1, 3])).toEqual({ median: 2, min: 1, max: 3 })
  expect(spread([undefined])).toBeUndefined()
})

test('disturbed runs count only when more than half are disturbed', () => {
  const runs = (...cores: number[]) => cores.map((otherCores) => ({ otherCores }))
  expect(quietRuns(runs(0.1, 0.9, 0.2))).toEqual(runs(0.1, 0.2))
  expect(quietRuns(runs(0.1, 0.9, 0.8))).toHaveLength(3)
})
