import { expect, test } from 'vitest'
import { Flow, directFrom, longestGap } from '../src/flow.ts'

test('a pause of 30 ms is a gap, a shorter one is none', () => {
  const flow = new Flow()
  flow.took('relay', 1, 1_000)
  flow.took('relay', 1, 1_029)
  flow.took('direct', 1, 1_059)
  expect(flow.gaps).toEqual([{ fromMs: 1_029, toMs: 1_059, after: 'direct' }])
})

test('bytes are counted by the way they came, in spans of 100 ms', () => {
  const flow = new Flow()
  flow.took('relay', 5, 1_010)
  flow.took('direct', 7, 1_090)
  flow.took('direct', 9, 1_110)
  expect(flow.spans).toEqual([
    { atMs: 1_000, relay: 5, direct: 7 },
    { atMs: 1_100, relay: 0, direct: 9 }
  ])
  expect([flow.totals, flow.firstDirectMs]).toEqual([{ relay: 5, direct: 16 }, 1_090])
  expect(directFrom(flow.spans, 1_050)).toBe(1_100)
})

test('of the gaps that touch a time the longest is told', () => {
  const gap = (fromMs: number, toMs: number) => ({ fromMs, toMs, after: 'relay' as const })
  expect(longestGap([gap(0, 90), gap(100, 140), gap(150, 200)], 95, 160)).toEqual(gap(150, 200))
  expect(longestGap([gap(0, 90)], 95, 160)).toBeUndefined()
})
