import { expect, test } from 'vitest'
import { count, formatBytes, formatEta, formatRate, formatSeconds, percent } from '../src/units.ts'

test.each([
  [0, '0 B'],
  [-1, '0 B'],
  [999, '999 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [1536, '1.5 KiB'],
  [10 * 1024, '10 KiB'],
  [1024 * 1024 - 1, '1.0 MiB'],
  [64 * 1024 * 1024, '64 MiB'],
  [3.2 * 1024 ** 3, '3.2 GiB'],
  [9.96 * 1024, '10 KiB'],
  [2 ** 60, '1.0 EiB']
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text)
})

test('a rate is bytes a second', () => {
  expect(formatRate(44 * 1024 * 1024)).toBe('44 MiB/s')
})

test.each([
  [undefined, '-'],
  [Number.POSITIVE_INFINITY, '-'],
  [0, '0:00'],
  [6.2, '0:07'],
  [59.5, '1:00'],
  [750, '12:30'],
  [3723, '1:02:03'],
  [3 * 86_400, '3 d']
])('%s seconds to go are %s', (seconds, text) => {
  expect(formatEta(seconds)).toBe(text)
})

test.each([
  [0.44, '0.4 s'],
  [9.97, '10 s'],
  [59.7, '1 min 0 s'],
  [200, '3 min 20 s']
])('%d seconds took %s', (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text)
})

test('100 percent means that nothing is missing', () => {
  expect(percent(999_999, 1_000_000)).toBe(99)
  expect(percent(1_000_000, 1_000_000)).toBe(100)
  expect(percent(0, 0)).toBe(100)
  expect(percent(-5, 10)).toBe(0)
})

test('counts have their plural', () => {
  expect([count(1, 'file'), count(12_000, 'file'), count(2, 'entry', 'entries')]).toEqual([
    '1 file',
    '12,000 files',
    '2 entries'
  ])
})
