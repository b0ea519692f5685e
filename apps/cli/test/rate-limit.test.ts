import { expect, test } from 'vitest'
import { MAX_RATE, MIN_RATE, parseRate } from '../src/rate-limit.ts'

test.each([
  ['2048', 2048],
  ['512K', 512 * 1024],
  ['512k', 512 * 1024],
  ['4M', 4 * 1024 * 1024],
  [' 4 MiB/s ', 4 * 1024 * 1024],
  ['4MB', 4 * 1024 * 1024],
  ['1.5G', 1.5 * 1024 ** 3]
])('%j is %i bytes a second', (text, bytes) => {
  expect(parseRate(text)).toBe(bytes)
})

test.each([
  '',
  'fast',
  '-4M',
  '4X',
  '4Mb',
  '4Mbit',
  '4M/h',
  'Infinity',
  '0',
  '1e6',
  '4,5M',
  String(MIN_RATE - 1),
  String(MAX_RATE + 1)
])('%j is refused with advice', (text) => {
  expect(() => parseRate(text)).toThrow(
    expect.objectContaining({ code: 'ERR_USAGE', advice: expect.stringContaining('512K') as string })
  )
})

test('both bounds can be asked for', () => {
  expect([parseRate(String(MIN_RATE)), parseRate('1024G')]).toEqual([MIN_RATE, MAX_RATE])
})
