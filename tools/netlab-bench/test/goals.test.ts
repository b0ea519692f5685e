import { expect, test } from 'vitest'
import { tellVerdict, verdictOn } from '../src/goals.ts'

test.each([
  ['move', 0, { gapAtMoveMs: 130, hashEqual: true }, { gapAtMoveMs: true, hashEqual: true }],
  ['move', 0, { gapAtMoveMs: 131, hashEqual: false }, { gapAtMoveMs: false, hashEqual: false }],
  ['move', 0, { gapAtMoveMs: 'below 30', hashEqual: true }, { gapAtMoveMs: true, hashEqual: true }],
  ['move', 2, { hashEqual: true }, { gapAtMoveMs: false, hashEqual: true }],
  ['restart', 0, { flowsAgainMs: 2_000, directAgainMs: 5_000 }, { flowsAgainMs: true, directAgainMs: true }],
  ['restart', 0, { flowsAgainMs: 2_001, directAgainMs: 'never' }, { flowsAgainMs: false, directAgainMs: false }],
  ['throughput', 0, { mbitPerSecond: 280 }, { mbitPerSecond: true }],
  ['throughput', 0, { mbitPerSecond: 279 }, { mbitPerSecond: false }],
  ['throughput', 2, { mbitPerSecond: 180 }, { mbitPerSecond: true }],
  ['throughput', 2, { mbitPerSecond: 179 }, { mbitPerSecond: false }],
  ['switches', 0, { followed: 50, hashEqual: true }, { followed: true, hashEqual: true }],
  ['switches', 0, { followed: 49, hashEqual: false }, { followed: false, hashEqual: false }]
] as const)('%s with %d %% loss: %o', (run, lossPercent, findings, met) => {
  expect(verdictOn(run, lossPercent, findings)?.met).toEqual(met)
})

test('of what nothing is asked there is no verdict', () => {
  expect(verdictOn('line', 0, { mbitPerSecond: 1 })).toBeUndefined()
  expect(verdictOn('throughput', 5, { mbitPerSecond: 1 })).toBeUndefined()
})

test('each figure is told with its goal', () => {
  const findings = { gapAtMoveMs: 200, hashEqual: true }
  const verdict = verdictOn('move', 0, findings)
  expect(verdict?.goal).toEqual({ gapAtMoveMs: 'at most 130', hashEqual: 'true' })
  expect(verdict && tellVerdict('move', findings, verdict)).toBe(
    'move: gapAtMoveMs 200, goal at most 130: NOT MET\nmove: hashEqual true, goal true: met\n'
  )
})
