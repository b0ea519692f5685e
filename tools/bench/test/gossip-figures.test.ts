import { expect, test } from 'vitest'
import { figuresOf, predictedOf, ratio, spreading } from '../src/gossip/figures.ts'
import type { Seen } from '../src/gossip/orders.ts'

const event = { kind: 'kill', subject: 's', startMs: 1000, viewers: new Set(['a', 'b', 'c']) } as const

function saw(viewer: string, at: number, change: Seen['change'] = 'dead', hops = 0): Seen {
  return { viewer, subject: 's', change, at, hops }
}

test('the first notice of each viewer counts, from the event on', () => {
  const seen = [saw('a', 1500, 'dead', 2), saw('a', 1400, 'dead', 3), saw('b', 900), saw('b', 1100), saw('x', 1001)]
  expect(spreading(event, seen)).toEqual({ kind: 'kill', viewers: 3, timesMs: [100, 400], rounds: 3 })
})

test('only changes that show the event count', () => {
  expect(spreading(event, [saw('a', 1100, 'suspect'), { ...saw('b', 1100), subject: 'other' }]).timesMs).toEqual([])
  expect(spreading({ ...event, kind: 'stall' }, [saw('a', 1100, 'suspect'), saw('b', 1200)]).timesMs).toEqual([
    100, 200
  ])
})

test('percentiles are over all pairs of event and viewer, what nobody noticed is counted', () => {
  const figures = figuresOf('kill', [
    { kind: 'kill', viewers: 2, timesMs: [10, 20], rounds: 1 },
    { kind: 'kill', viewers: 3, timesMs: [30, 40], rounds: 2 },
    { kind: 'leave', viewers: 1, timesMs: [999], rounds: 9 }
  ])
  expect(figures).toMatchObject({ events: 2, p50Ms: 25, allMs: 20, rounds: 2, missed: 1 })
  expect(figuresOf('join', [])).toBeUndefined()
})

test('a prediction is found by members and event, and coming back belongs to the stall', () => {
  const predictions = [
    { members: 25, event: 'kill', p50Ms: 1200, p99Ms: null },
    { members: 25, event: 'stall', p50Ms: 2000, p99Ms: 2100, backP50Ms: 5, backP99Ms: 9 }
  ]
  expect(predictedOf('kill', 25, predictions)).toEqual({ p50Ms: 1200, p99Ms: undefined })
  expect(predictedOf('back', 25, predictions)).toEqual({ p50Ms: 5, p99Ms: 9 })
  expect(predictedOf('kill', 50, predictions)).toEqual({ p50Ms: undefined, p99Ms: undefined })
})

test('a ratio takes two figures, and one that is not nothing', () => {
  expect([ratio(6, 4), ratio(undefined, 4), ratio(6, undefined), ratio(6, 0), ratio(NaN, 1)]).toEqual([
    1.5,
    undefined,
    undefined,
    undefined,
    undefined
  ])
})
