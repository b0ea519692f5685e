import { expect, test } from 'vitest'
import { hasLostState } from '../../src/port-map/epoch.ts'

const before = { epochSeconds: 1000, at: 1_000_000 }

test.each([
  ['the count went on as the clock did', 1060, 60, false],
  ['one second back is the way of the packets', 999, 0, false],
  ['two seconds back is a restart', 998, 0, true],
  ['a restart that counted up again by then', 500, 3600, true],
  ['a clock that is an eighth slow', 1000 + 86 * 7, 688, false],
  ['a count that went on much faster', 1200, 60, true],
  ['a count that went on much slower', 1060, 200, true]
])('%s', (_, epochSeconds, elapsedSeconds, expected) => {
  expect(hasLostState(before, { epochSeconds, at: before.at + elapsedSeconds * 1000 })).toBe(expected)
})
