import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AttemptSchedule, interleave } from '../src/attempt-schedule.ts'

test('starts the first at once and the next a delay later', () => {
  const schedule = new AttemptSchedule(['a', 'b'], 250)
  expect(schedule.start(1_000)).toBe('a')
  expect(schedule.start(1_249)).toBeUndefined()
  expect(schedule.wakeAt).toBe(1_250)
  expect(schedule.start(1_250)).toBe('b')
  expect(schedule.wakeAt).toBeUndefined()
  expect(schedule.isOver).toBe(false)
})

test('starts the next at once when one fails, and counts the delay from there', () => {
  const schedule = new AttemptSchedule(['a', 'b', 'c'], 250)
  schedule.start(0)
  schedule.failed(40)
  expect(schedule.start(40)).toBe('b')
  expect(schedule.start(289)).toBeUndefined()
  expect(schedule.start(290)).toBe('c')
})

test('is over when everything was started and has failed', () => {
  const schedule = new AttemptSchedule(['a', 'b'], 250)
  schedule.start(0)
  schedule.start(250)
  schedule.failed(300)
  expect(schedule.isOver).toBe(false)
  schedule.failed(310)
  expect(schedule.isOver).toBe(true)
})

test('puts what a name stands for before the addresses that wait, and starts on it at once', () => {
  const schedule = new AttemptSchedule(['name', 'b'], 250)
  schedule.start(0)
  schedule.resolved(['ip1', 'ip2'], 30)
  expect(schedule.start(30)).toBe('ip1')
  expect(schedule.start(280)).toBe('ip2')
  expect(schedule.start(530)).toBe('b')
})

test('a name that stands for nothing is a failure', () => {
  const schedule = new AttemptSchedule(['name'], 250)
  schedule.start(0)
  schedule.resolved([], 30)
  expect(schedule.isOver).toBe(true)
})

test('without a delay, one after the other', () => {
  const schedule = new AttemptSchedule(['a', 'b'], 0)
  expect(schedule.start(0)).toBe('a')
  expect(schedule.start(1e9)).toBeUndefined()
  expect(schedule.wakeAt).toBeUndefined()
  schedule.failed(1e9)
  expect(schedule.start(1e9)).toBe('b')
})

test('whatever fails when, each candidate is started once, in order, and no two within the delay unless one failed between', () => {
  const failAfter = fc.option(fc.integer({ min: 0, max: 1_000 }), { nil: undefined })
  fc.assert(
    fc.property(fc.array(failAfter, { maxLength: 12 }), fc.integer({ min: 1, max: 400 }), (plan, delayMs) => {
      const schedule = new AttemptSchedule(plan.keys(), delayMs)
      const starts: { index: number; at: number }[] = []
      const failures: number[] = []
      for (let now = 0; now < 20_000 && !schedule.isOver; now++) {
        for (const { index, at } of starts) {
          if (plan[index] !== undefined && at + plan[index] === now) {
            failures.push(now)
            schedule.failed(now)
          }
        }
        for (let index = schedule.start(now); index !== undefined; index = schedule.start(now)) {
          starts.push({ index, at: now })
          if (plan[index] === 0) {
            failures.push(now)
            schedule.failed(now)
          }
        }
      }
      expect(starts.map(({ index }) => index)).toEqual([...plan.keys()])
      for (const [at, { at: before }] of starts.slice(1).map(({ at }, i) => [at, starts[i] ?? { at: 0 }] as const)) {
        expect(at - before >= delayMs || failures.some((failed) => failed >= before && failed <= at)).toBe(true)
      }
      expect(schedule.isOver).toBe(plan.every((after) => after !== undefined))
    }),
    { numRuns: 50 }
  )
})

test.each([
  ['starts with the family of the first', ['6a', '6b', '4a'], undefined, ['6a', '4a', '6b']],
  ['starts with the family asked for', ['6a', '6b', '4a'], '4', ['4a', '6a', '6b']],
  ['goes on with one family when the other is used up', ['4a', '4b', '4c', '6a'], undefined, ['4a', '6a', '4b', '4c']],
  ['takes one family as it is', ['4a', '4b'], '6', ['4a', '4b']],
  ['takes nothing', [], '6', []]
])('%s', (_, items, lead, expected) => {
  expect(interleave(items, (item) => item[0], lead)).toEqual(expected)
})
