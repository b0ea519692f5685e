import { expect, test } from 'vitest'
import {
  MAX_METERED_PEERS,
  MAX_THROTTLED_MS,
  PEER_BYTES,
  PEER_CHECKS,
  PEER_FRAMES,
  PEER_STREAMS,
  TOTAL_BYTES,
  TOTAL_CHECKS
} from '../../src/links/constants.ts'
import { PeerMeters } from '../../src/links/peer-meter.ts'

/** Milliseconds that a peer needs to bring `frames` of `bytes`, when it sends as fast as it may. */
function timeFor(frames: number, bytes: number): number {
  const meter = new PeerMeters(0).of('flooder', 0)
  let now = 0
  for (let sent = 0; sent < frames; sent++) {
    now += meter.frameWaitMs(now)
    meter.frame(bytes, now)
  }
  return now
}

test('a first copy of a large network is not held back', () => {
  expect(timeFor(64, 64 * 1024)).toBe(0)
})

test('a flood is held to the rate, in bytes and in frames', () => {
  const bytes = PEER_BYTES.burst + 10 * PEER_BYTES.perSecond
  expect(timeFor(bytes / 65_536, 65_536) / 1000).toBeCloseTo(10, 0)
  expect(timeFor(PEER_FRAMES.burst + 10 * PEER_FRAMES.perSecond, 3) / 1000).toBeCloseTo(10, 0)
})

test('one that is held back all the time floods, one that is held back now and then does not', () => {
  const meter = new PeerMeters(0).of('flooder', 0)
  let now = 0
  while (!meter.isFlooding && now < 60_000) {
    now += meter.frameWaitMs(now)
    meter.frame(65_536, now)
  }
  expect(now).toBeGreaterThan(MAX_THROTTLED_MS)
  expect(meter.isFlooding).toBe(true)

  const lively = new PeerMeters(0).of('lively', 0)
  for (let at = 0; at < 600_000; at += 60_000) {
    lively.frame(PEER_BYTES.burst + PEER_BYTES.perSecond, at)
    lively.frameWaitMs(at)
  }
  expect(lively.isFlooding).toBe(false)
})

test('who floods does not use up what others may send, until many do', () => {
  const meters = new PeerMeters(0)
  const flooder = meters.of('flooder', 0)
  flooder.frame(PEER_BYTES.burst * 2, 0)
  expect(flooder.frameWaitMs(0)).toBeGreaterThan(0)
  expect(meters.of('honest', 0).frameWaitMs(0)).toBe(0)
  for (let other = 0; other < TOTAL_BYTES.burst / PEER_BYTES.burst; other++) {
    meters.of(`flooder ${other}`, 0).frame(PEER_BYTES.burst, 0)
  }
  expect(meters.of('honest', 0).frameWaitMs(0)).toBeGreaterThan(0)
})

test('checks of signatures are rationed per peer and in all', () => {
  const meters = new PeerMeters(0)
  const one = meters.of('one', 0)
  for (let check = 0; check < PEER_CHECKS.burst; check++) {
    one.check(0)
  }
  expect(one.checkWaitMs(0)).toBeGreaterThan(0)
  expect(meters.of('two', 0).checkWaitMs(0)).toBe(0)
  const two = meters.of('two', 0)
  for (let check = 0; check < TOTAL_CHECKS.burst - PEER_CHECKS.burst; check++) {
    two.check(0)
  }
  expect(meters.of('three', 0).checkWaitMs(0)).toBeGreaterThan(0)
})

test('streams are rationed, and who reconnects is not new', () => {
  const meters = new PeerMeters(0)
  for (let stream = 0; stream < PEER_STREAMS.burst; stream++) {
    expect(meters.of('one', 0).takeStream(0)).toBe(true)
  }
  expect(meters.of('one', 0).takeStream(0)).toBe(false)
  expect(meters.of('one', 1_000).takeStream(1_000)).toBe(true)
})

test('of too many peers the one that was not heard of for longest is forgotten', () => {
  const meters = new PeerMeters(0)
  const first = meters.of('first', 0)
  for (let other = 1; other < MAX_METERED_PEERS; other++) {
    meters.of(`peer ${other}`, 0)
  }
  expect(meters.of('first', 0)).toBe(first)
  meters.of('one more', 0)
  expect(meters.of('first', 0)).toBe(first)
  expect(meters.of('peer 1', 0)).not.toBe(first)
})
