import { describe, expect, it } from 'vitest'
import { timesOf } from '../src/statistics.ts'

describe('times', () => {
  it('are undefined where nothing was measured', () => {
    expect(timesOf([])).toBeUndefined()
  })

  it('of one value are that value', () => {
    expect(timesOf([7])).toEqual({ n: 1, p50: 7, p95: 7, max: 7 })
  })

  it('are values that occurred, whatever their order', () => {
    const values = Array.from({ length: 100 }, (_, at) => 100 - at)
    expect(timesOf(values)).toEqual({ n: 100, p50: 50, p95: 95, max: 100 })
  })

  it('sort as numbers', () => {
    expect(timesOf([1000, 9, 80])?.p50).toBe(80)
  })
})
