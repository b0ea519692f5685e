import { expect, test } from 'vitest'
import {
  goalRounds,
  memberlistMaxSuspicionMs,
  memberlistMinSuspicionMs,
  memberlistPushPullMs,
  MEMBERLIST_LAN,
  MEMBERLIST_WAN,
  swimFirstDetectionMs
} from '../../../src/sim/membership/formulas.ts'

test('SWIM first detects a crash after e/(e-1) periods in large groups', () => {
  expect(swimFirstDetectionMs(10_000, 1000)).toBeCloseTo((1000 * Math.E) / (Math.E - 1), 0)
  expect(swimFirstDetectionMs(2, 1000)).toBe(1000)
})

test('memberlist suspects for 8 to 48 s among 100 on a LAN, and exchanges everything each 30 s up to 32 members', () => {
  expect(memberlistMinSuspicionMs(100, MEMBERLIST_LAN)).toBe(8000)
  expect(memberlistMaxSuspicionMs(100, MEMBERLIST_LAN)).toBe(48_000)
  expect(memberlistMinSuspicionMs(100, MEMBERLIST_WAN)).toBe(60_000)
  expect([32, 33, 64, 65].map((n) => memberlistPushPullMs(n, MEMBERLIST_LAN) / 1000)).toStrictEqual([30, 60, 60, 90])
})

test('the goal at 100 members is nine rounds', () => {
  expect(goalRounds(100)).toBe(9)
})
