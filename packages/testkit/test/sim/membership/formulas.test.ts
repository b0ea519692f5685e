import { expect, test } from 'vitest'
import {
  goalRounds,
  memberlistBytesPerSecond,
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

test('memberlist sends probes, each change some times, and its whole state twice an exchange', () => {
  const sizes = { sessionMs: 10_000_000, overheadBytes: 80, pingBytes: 20, changeBytes: 50, memberBytes: 150 }
  // 200 for probes, 25 changes in 1,000 s to be sent 12 times each, 30,000 bytes in 90 s
  expect(memberlistBytesPerSecond(100, MEMBERLIST_LAN, sizes)).toBeCloseTo(200 + 0.025 * 12 * 50 + 30_000 / 90)
})

test('the goal at 100 members is nine rounds', () => {
  expect(goalRounds(100)).toBe(9)
})
