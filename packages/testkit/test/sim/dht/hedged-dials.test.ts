import { expect, test } from 'vitest'
import { firstWorking } from '../../../src/sim/dht/hedged-dials.ts'
import type { DialOutcome } from '../../../src/sim/dht/hedged-dials.ts'

const works = (afterMs: number): DialOutcome => ({ afterMs, ok: true })
const refuses = (afterMs: number): DialOutcome => ({ afterMs, ok: false })
const SILENT: DialOutcome = { afterMs: Infinity, ok: false }
const HEDGED = { hedgeMs: 250, maxDials: 8, hardMs: 5_000 }

test('the next is dialled after the pause, or at once when one has failed', () => {
  expect(firstWorking({ ...HEDGED, outcomes: [works(100), works(1)] })).toEqual({ atMs: 100, dials: 1 })
  expect(firstWorking({ ...HEDGED, outcomes: [works(400), works(100)] })).toEqual({ atMs: 350, dials: 2 })
  expect(firstWorking({ ...HEDGED, outcomes: [refuses(30), works(100)] })).toEqual({ atMs: 130, dials: 2 })
  expect(firstWorking({ ...HEDGED, outcomes: [SILENT, SILENT, works(100)] })).toEqual({ atMs: 600, dials: 3 })
})

test('one after the other waits for each timeout, and nobody is never', () => {
  const alone = { hedgeMs: Infinity, maxDials: 1, hardMs: 5_000 }
  expect(firstWorking({ ...alone, outcomes: [SILENT, works(100)] })).toEqual({ atMs: 5_100, dials: 2 })
  expect(firstWorking({ ...HEDGED, outcomes: [SILENT, refuses(9)] })).toEqual({ atMs: Infinity, dials: 2 })
  expect(firstWorking({ ...HEDGED, outcomes: [works(6_000)] })).toEqual({ atMs: Infinity, dials: 1 })
})

test('no more than the most are on their way', () => {
  const outcomes = [SILENT, SILENT, works(10)]
  expect(firstWorking({ hedgeMs: 100, maxDials: 2, hardMs: 5_000, outcomes })).toEqual({ atMs: 5_010, dials: 3 })
})
