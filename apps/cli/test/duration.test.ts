import { expect, test } from 'vitest'
import { MAX_DURATION_MS, parseDuration } from '../src/duration.ts'

test.each([
  ['500ms', 500],
  ['30s', 30_000],
  ['30', 30_000],
  ['0.5', 500],
  ['1.5m', 90_000],
  ['1m30s', 90_000],
  ['2h', 7_200_000],
  ['1d', 86_400_000],
  [' 3s ', 3000]
])('%s is %i ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
})

test.each(['', 's', '-1s', '1 s', '3x', '1m 30s', '1s!', '0', '0s', 'Infinity', '1e3', '0x10', '25d', '1d30d'])(
  'refuses %j with advice',
  (text) => {
    expect(() => parseDuration(text)).toThrow(
      expect.objectContaining({ code: 'ERR_USAGE', advice: expect.any(String) as string })
    )
  }
)

test('takes more of what no timer waits for, and counts as far as numbers go', () => {
  expect(parseDuration('30d', Number.MAX_SAFE_INTEGER)).toBe(30 * 86_400_000)
  expect(() => parseDuration(`${'9'.repeat(400)}d`, Number.MAX_SAFE_INTEGER)).toThrow(
    expect.objectContaining({ code: 'ERR_USAGE' })
  )
})

test('takes the longest delay that a timer can have, and not one more', () => {
  expect(parseDuration(`${MAX_DURATION_MS}ms`)).toBe(MAX_DURATION_MS)
  expect(() => parseDuration(`${MAX_DURATION_MS + 1}ms`)).toThrow(expect.objectContaining({ code: 'ERR_USAGE' }))
})
