import { expect, test } from 'vitest'
import { StallWatch } from '../../src/stall/stall-watch.ts'
import type { StallFacts } from '../../src/stall/stall-cause.ts'

const facts: StallFacts = {
  connected: 1,
  holders: 1,
  asked: 0,
  known: 0,
  dialing: 0,
  failed: 0,
  refused: 0,
  cutByRelay: 0,
  capInMs: 0,
  cap: Infinity,
  searching: false
}
const AFTER_MS = 10_000

test('nothing is said as long as something comes in time, and nobody is looked at', () => {
  const watch = new StallWatch(AFTER_MS, 0)
  let looks = 0
  const look = (now: number) =>
    watch.look(now, () => {
      looks++
      return facts
    })
  expect(look(AFTER_MS - 1)).toBeUndefined()
  watch.moved(AFTER_MS - 1)
  expect(look(2 * AFTER_MS - 2)).toBeUndefined()
  expect(looks).toBe(0)
  expect(look(2 * AFTER_MS - 1)).toMatchObject({ type: 'stalled', cause: 'choked', sinceMs: AFTER_MS })
})

test('the same is said again only after as long again, another cause at the next look', () => {
  const watch = new StallWatch(AFTER_MS, 0)
  const said = []
  for (let now = 0; now < 40_000; now += 500) {
    const event = watch.look(now, () => ({ ...facts, asked: now < 25_000 ? 0 : 1 }))
    if (event !== undefined) {
      said.push([now, event.type === 'stalled' && event.cause])
    }
  }
  expect(said).toEqual([
    [10_000, 'choked'],
    [20_000, 'choked'],
    [25_000, 'slow'],
    [35_000, 'slow']
  ])
})

test('what is tried is part of the news, in how many seconds is not', () => {
  const watch = new StallWatch(AFTER_MS, 0)
  const look = (now: number, more: Partial<StallFacts>) => watch.look(now, () => ({ ...facts, ...more }))
  expect(look(10_000, { retryInMs: 900, known: 1 })).toMatchObject({ type: 'stalled' })
  expect(look(11_000, { retryInMs: 100, known: 1 })).toBeUndefined()
  expect(look(12_000, { dialing: 1, known: 1 })).toMatchObject({ type: 'stalled', sinceMs: 12_000 })
})

test('the end of a stall is said once, with how long it was', () => {
  const watch = new StallWatch(AFTER_MS, 0)
  watch.moved(1000)
  expect(watch.look(12_000, () => facts)).toMatchObject({ type: 'stalled' })
  watch.moved(13_000)
  expect(watch.look(13_500, () => facts)).toEqual({ type: 'flowing', stalledMs: 12_000 })
  expect(watch.look(14_000, () => facts)).toBeUndefined()
})
