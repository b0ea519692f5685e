import { expect, test } from 'vitest'
import { MAX_MOVES_PER_MINUTE, MoveBudget } from '../../src/session/move-budget.ts'

function takeAll(budget: MoveBudget, now: number): number {
  let taken = 0
  while (budget.take(now)) {
    taken++
  }
  return taken
}

test('MAX_MOVES_PER_MINUTE may be made at once, and not one more', () => {
  expect(takeAll(new MoveBudget(0), 0)).toBe(MAX_MOVES_PER_MINUTE)
})

test('they come back over a minute', () => {
  const budget = new MoveBudget(0)
  takeAll(budget, 0)
  expect(takeAll(budget, 30_000)).toBe(MAX_MOVES_PER_MINUTE / 2)
  expect(takeAll(budget, 30_000 + 10 * 60_000)).toBe(MAX_MOVES_PER_MINUTE)
})
