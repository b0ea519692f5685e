import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { nextAnnounce, wanted } from '../../src/provide/announce-schedule.ts'
import type { AnnounceEvent } from '../../src/provide/announce-schedule.ts'

const timing = { intervalMs: 1_000, minGapMs: 100, retryMinMs: 10, retryMaxMs: 80 }
const events = fc.array(
  fc.record({
    type: fc.constantFrom<Exclude<AnnounceEvent['type'], 'holders'>>('succeeded', 'failed', 'blocked', 'changed'),
    afterMs: fc.nat({ max: 200 }),
    random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  }),
  { maxLength: 50 }
)

test.prop([events])('a root is never due in the past, and never forgotten while somebody is there', (list) => {
  let now = 0
  let state = wanted(now)
  for (const { type, afterMs, random } of list) {
    now += afterMs
    state = nextAnnounce(state, { type }, now, timing, random)
    if (type !== 'changed') {
      expect(state.dueAt).toBeGreaterThanOrEqual(now)
    }
    expect(state.dueAt === Infinity || state.dueAt <= now + timing.intervalMs * 1.1).toBe(true)
    if (type === 'changed') {
      expect(state.dueAt).not.toBe(Infinity)
    }
  }
})

test.prop([events])('however many peers join, two announcements are at least the gap apart', (list) => {
  let now = 0
  let state = wanted(now)
  let last = -Infinity
  for (const { afterMs, random } of list) {
    now += afterMs
    state = nextAnnounce(state, { type: 'changed' }, now, timing, random)
    if (state.dueAt <= now) {
      expect(now - last).toBeGreaterThanOrEqual(timing.minGapMs)
      last = now
      state = nextAnnounce(state, { type: 'succeeded' }, now, timing, random)
    }
  }
})
