import { describe, expect, test } from 'vitest'
import { FailureBudget, MAX_EARLY_FAILURES, MAX_FAILED_STREAMS, MAX_PAUSE_MS } from '../src/failure-budget.ts'

/** So many failures at one moment; the pauses that came of them. */
function fail(budget: FailureBudget, times: number, now: number): number[] {
  return Array.from({ length: times }, () => budget.spend(now)).filter((pause) => pause > 0)
}

/** Of a connection that has been there for long. */
function oldBudget(): FailureBudget {
  return new FailureBudget(-1_000_000)
}

describe('streams that fail', () => {
  test('may be MAX_FAILED_STREAMS at once; one more costs a second', () => {
    const budget = oldBudget()
    expect(fail(budget, MAX_FAILED_STREAMS, 5000)).toEqual([])
    expect(budget.spend(5000)).toBe(1000)
  })

  test('may be MAX_EARLY_FAILURES of a new connection; one more costs a second', () => {
    const budget = new FailureBudget(5000)
    expect(fail(budget, MAX_EARLY_FAILURES, 5000)).toEqual([])
    expect(budget.spend(5000)).toBe(1000)
  })

  test('are forgiven four a second', () => {
    const budget = oldBudget()
    fail(budget, MAX_FAILED_STREAMS, 0)
    expect(fail(budget, 8, 2000)).toEqual([])
    expect(fail(budget, 1, 2000)).toEqual([1000])
  })

  test('are not counted while the peer is not heard', () => {
    const budget = oldBudget()
    fail(budget, MAX_FAILED_STREAMS + 1, 0)
    expect(fail(budget, 1000, 999)).toEqual([])
    expect(fail(budget, 8, 1000)).toEqual([])
    expect(fail(budget, 1, 1000)).toEqual([2000])
  })

  test('cost twice as much each time, and MAX_PAUSE_MS at most', () => {
    const budget = oldBudget()
    fail(budget, MAX_FAILED_STREAMS - 8, 0)
    const pauses: number[] = []
    let now = 0
    for (let round = 0; round < 9; round++) {
      const [pause = 0] = fail(budget, 9, now)
      pauses.push(pause)
      now += pause
    }
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, MAX_PAUSE_MS, MAX_PAUSE_MS])
  })

  test('are all forgotten after some quiet', () => {
    const budget = oldBudget()
    fail(budget, MAX_FAILED_STREAMS + 1, 0)
    const later = 1000 + (MAX_FAILED_STREAMS / 4) * 1000
    expect([budget.waits(999), budget.waits(1000), budget.isOnTrial(1000)]).toEqual([1, 0, true])
    expect(budget.isOnTrial(later)).toBe(false)
    expect(fail(budget, MAX_FAILED_STREAMS, later)).toEqual([])
    expect(budget.spend(later)).toBe(1000)
  })
})
