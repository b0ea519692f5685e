import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { DialBudget, MAX_COUNTED_HOSTS, MAX_DIALS_PER_HOST } from '../../src/find/dial-budget.ts'
import { firstSuccess } from '../../src/find/hedged.ts'
import { HEDGE_MS, MAX_DIALS } from '../../src/rules/rank-providers.ts'

const never = new AbortController().signal

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

async function* list<T>(...items: T[]): AsyncGenerator<T, void, undefined> {
  for (const item of items) {
    await Promise.resolve()
    yield item
  }
}

/** Attempts that end after so many milliseconds, failing when it is negative; notes when each began. */
function attempts(): { begun: [number, number][]; attempt: (ms: number, signal: AbortSignal) => Promise<number> } {
  const begun: [number, number][] = []
  const startedAt = Date.now()
  return {
    begun,
    attempt: async (ms, signal) =>
      new Promise((resolve, reject) => {
        begun.push([ms, Date.now() - startedAt])
        const timer = setTimeout(() => {
          if (ms < 0) {
            reject(new TypeError('refused'))
          } else {
            resolve(ms)
          }
        }, Math.abs(ms))
        signal.addEventListener('abort', () => {
          clearTimeout(timer)
          reject(new TypeError('aborted'))
        })
      })
  }
}

test('the next is tried a quarter of a second later, and the first that answers wins', async () => {
  const { begun, attempt } = attempts()
  const winner = firstSuccess(list(10_000, 100, 5), attempt, never)
  await vi.advanceTimersByTimeAsync(HEDGE_MS + 100)
  expect(await winner).toBe(100)
  expect(begun).toEqual([
    [10_000, 0],
    [100, HEDGE_MS]
  ])
})

test('after a failure the next is tried at once', async () => {
  const { begun, attempt } = attempts()
  const winner = firstSuccess(list(-20, 30), attempt, never)
  await vi.advanceTimersByTimeAsync(100)
  expect(await winner).toBe(30)
  expect(begun.map(([, at]) => at)).toEqual([0, 20])
})

test('when all have failed there is no winner', async () => {
  const { attempt } = attempts()
  const winner = firstSuccess(list(-20, -900), attempt, never)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(await winner).toBeUndefined()
  expect(await firstSuccess(list<number>(), attempt, never)).toBeUndefined()
})

test('eight are tried at a time and not one more', async () => {
  const { begun, attempt } = attempts()
  const winner = firstSuccess(list(...Array.from({ length: 12 }, () => 60_000)), attempt, never)
  await vi.advanceTimersByTimeAsync(50_000)
  expect(begun).toHaveLength(MAX_DIALS)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(await winner).toBe(60_000)
})

test('aborted, it rejects with the reason', async () => {
  const { attempt } = attempts()
  const controller = new AbortController()
  const winner = expect(firstSuccess(list(60_000), attempt, controller.signal)).rejects.toThrow('enough')
  await vi.advanceTimersByTimeAsync(10)
  controller.abort(new TypeError('enough'))
  await winner
})

test('one host is dialled three times a minute and not once more', () => {
  const budget = new DialBudget()
  for (let at = 0; at < MAX_DIALS_PER_HOST; at++) {
    expect(budget.take('a', at)).toBe(true)
  }
  expect(budget.take('a', 59_999)).toBe(false)
  expect(budget.take('b', 59_999)).toBe(true)
  expect(budget.take('a', 60_000)).toBe(true)
})

test('so many hosts are counted, and then the oldest is forgotten', () => {
  const budget = new DialBudget()
  for (let dial = 0; dial < MAX_DIALS_PER_HOST; dial++) {
    budget.take('first', 0)
  }
  for (let at = 1; at < MAX_COUNTED_HOSTS; at++) {
    budget.take(`${at}`, 0)
  }
  expect(budget.take('first', 0)).toBe(false)
  budget.take('one more', 0)
  expect(budget.take('first', 0)).toBe(true)
})
