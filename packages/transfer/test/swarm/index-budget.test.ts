import { describe, expect, test } from 'vitest'
import { IndexBudget } from '../../src/swarm/index-budget.ts'

const LEAVES = 1_000_000
const MOST = 8 * LEAVES + 64 * 1024

describe('how many leaves a peer may name', () => {
  test('the whole share eight times and some more at once, and not one past that', () => {
    const budget = new IndexBudget(LEAVES, 0)
    for (let time = 0; time < 8; time++) {
      expect(budget.take(LEAVES, 0)).toBe(true)
    }
    expect(budget.take(MOST - 8 * LEAVES, 0)).toBe(true)
    expect(budget.take(1, 0)).toBe(false)
  })

  test('the whole share comes back every ten seconds, and never more than the most', () => {
    const budget = new IndexBudget(LEAVES, 0)
    budget.take(MOST, 0)
    expect(budget.take(LEAVES + 1, 10_000)).toBe(false)
    expect(budget.take(LEAVES, 10_000)).toBe(true)
    expect(budget.take(MOST + 1, 10_000_000)).toBe(false)
    expect(budget.take(MOST, 10_000_000)).toBe(true)
  })

  test('a message that names nothing costs one, so that empty ones are bounded too', () => {
    const budget = new IndexBudget(0, 0)
    let messages = 0
    while (budget.take(0, 0)) {
      messages++
    }
    expect(messages).toBe(64 * 1024)
    // 64 Ki in ten seconds
    expect(budget.take(6, 1)).toBe(true)
    expect(budget.take(1, 1)).toBe(false)
  })

  test('a clock that goes back gives nothing', () => {
    const budget = new IndexBudget(0, 1000)
    expect(budget.take(64 * 1024, 1000)).toBe(true)
    expect(budget.take(1, 500)).toBe(false)
    expect(budget.take(1, 1000)).toBe(false)
  })
})
