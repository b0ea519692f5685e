import { expect, test } from 'vitest'
import { MAX_LEAF_BYTES } from '../../src/constants.ts'
import { OFFER_WINDOW, REQUEST_WINDOW, windowBytes } from '../../src/swarm/window.ts'

test.each([
  ['requests', REQUEST_WINDOW],
  ['offers', OFFER_WINDOW]
])('the window for %s follows the rate between its bounds', (_, limits) => {
  expect(windowBytes(limits, 0)).toBe(limits.minBytes)
  expect(windowBytes(limits, limits.minBytes / limits.leadS)).toBe(limits.minBytes)
  expect(windowBytes(limits, (2 * limits.minBytes) / limits.leadS)).toBe(2 * limits.minBytes)
  expect(windowBytes(limits, limits.maxBytes / limits.leadS)).toBe(limits.maxBytes)
  expect(windowBytes(limits, Infinity)).toBe(limits.maxBytes)
})

test('the largest leaf fits into the smallest request window', () => {
  expect(REQUEST_WINDOW.minBytes).toBeGreaterThanOrEqual(MAX_LEAF_BYTES)
})
