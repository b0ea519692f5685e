import { expect, test } from 'vitest'
import { nextAnnounce, wanted } from '../../src/provide/announce-schedule.ts'
import type { AnnounceEvent, AnnounceState } from '../../src/provide/announce-schedule.ts'

const timing = { intervalMs: 1_000, minGapMs: 100, retryMinMs: 10, retryMaxMs: 80 }
const announced: AnnounceState = { announcedAt: 0, failures: 0, dueAt: 1_000 }
const blocked: AnnounceState = { announcedAt: undefined, failures: 0, dueAt: Infinity }

function after(
  state: AnnounceState,
  type: Exclude<AnnounceEvent['type'], 'holders'>,
  now: number,
  random = 0.5
): AnnounceState {
  return nextAnnounce(state, { type }, now, timing, random)
}

test('a wanted root is due at once', () => {
  expect(wanted(7)).toEqual({ announcedAt: undefined, failures: 0, dueAt: 7 })
})

test('a success is repeated after the interval', () => {
  expect(after(wanted(0), 'succeeded', 5)).toEqual({ announcedAt: 5, failures: 0, dueAt: 1_005 })
})

test('intervals spread by a tenth either way', () => {
  expect(after(wanted(0), 'succeeded', 0, 0).dueAt).toBe(900)
  expect(after(wanted(0), 'succeeded', 0, 0.999_999).dueAt).toBeCloseTo(1_100, 2)
})

test('failures wait twice as long each time, up to the longest pause', () => {
  let state = wanted(0)
  const pauses: number[] = []
  for (let i = 0; i < 5; i++) {
    state = after(state, 'failed', 0)
    pauses.push(state.dueAt)
  }
  expect(pauses).toEqual([10, 20, 40, 80, 80])
})

test('with nobody to tell it is not due at all', () => {
  expect(after(wanted(0), 'blocked', 3).dueAt).toBe(Infinity)
})

test('a change makes what waits for somebody due at once', () => {
  expect(after(blocked, 'changed', 50).dueAt).toBe(50)
})

test('a change makes what is announced due, but not sooner than the gap after the last announcement', () => {
  expect(after(announced, 'changed', 20).dueAt).toBe(100)
  expect(after(announced, 'changed', 400).dueAt).toBe(400)
})

test('a change never puts an announcement off', () => {
  const due = { ...announced, dueAt: 30 }
  expect(after(due, 'changed', 20)).toBe(due)
})

test('what was announced once stays announced through failures', () => {
  expect(after(announced, 'failed', 1_000).announcedAt).toBe(0)
  expect(after(announced, 'blocked', 1_000).announcedAt).toBe(0)
})
