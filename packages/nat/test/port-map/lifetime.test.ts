import { expect, test } from 'vitest'
import { MAX_LIFETIME_MS, MIN_LIFETIME_MS } from '../../src/port-map/constants.ts'
import { grantedMs, toSeconds } from '../../src/port-map/lifetime.ts'
import { resolvePortMapOptions } from '../../src/port-map/options.ts'

test('what a gateway grants counts up to the longest and down to the shortest', () => {
  expect(grantedMs(MAX_LIFETIME_MS / 1000)).toBe(MAX_LIFETIME_MS)
  expect(grantedMs(MAX_LIFETIME_MS / 1000 + 1)).toBe(MAX_LIFETIME_MS)
  expect(grantedMs(MIN_LIFETIME_MS / 1000)).toBe(MIN_LIFETIME_MS)
  expect(grantedMs(0)).toBe(MIN_LIFETIME_MS)
})

test('a lifetime goes out in whole seconds and is never the zero that removes a mapping', () => {
  expect([1, 1499, 3_600_000].map(toSeconds)).toEqual([1, 1, 3600])
})

test('the longest lifetime may be asked for, a longer one not', () => {
  expect(resolvePortMapOptions({ mappingLifetimeMs: MAX_LIFETIME_MS }).mappingLifetimeMs).toBe(MAX_LIFETIME_MS)
  expect(() => resolvePortMapOptions({ mappingLifetimeMs: MAX_LIFETIME_MS + 1 })).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_OPTION' })
  )
})
