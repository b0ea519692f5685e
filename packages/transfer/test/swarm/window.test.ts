import { describe, expect, test } from 'vitest'
import {
  MAX_REFILL_PART,
  MAX_WINDOW_BYTES,
  REFILL_MS,
  REFILL_PART,
  refillBytes,
  START_WINDOW_BYTES,
  windowBytes
} from '../../src/swarm/window.ts'

const LEAD_MS = 500

describe('room below which nothing is promised', () => {
  test('is a part of the window while nothing is known of the uplink', () => {
    expect(refillBytes(undefined, LEAD_MS, REFILL_MS)).toBe(START_WINDOW_BYTES * REFILL_PART)
  })

  test('is a part of the window on a slow uplink', () => {
    const perMs = 4000
    expect(refillBytes(perMs, LEAD_MS, REFILL_MS)).toBe(windowBytes(perMs, LEAD_MS) * REFILL_PART)
  })

  test('is some time of the uplink when the window is as large as it gets', () => {
    const perMs = 250_000
    expect(windowBytes(perMs, LEAD_MS)).toBe(MAX_WINDOW_BYTES)
    expect(refillBytes(perMs, LEAD_MS, REFILL_MS)).toBe(perMs * REFILL_MS)
  })

  test('leaves the uplink something to do on the fastest link', () => {
    expect(refillBytes(Infinity, LEAD_MS, REFILL_MS)).toBe(MAX_WINDOW_BYTES * MAX_REFILL_PART)
  })
})
