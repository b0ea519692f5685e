import { expect, test } from 'vitest'
import { MAX_LEAVES } from '../../src/constants.ts'
import { MAX_RANGES } from '../../src/wire/limits.ts'
import { decodeRanges, encodeRanges } from '../../src/wire/ranges.ts'
import { fromHex, refusal } from './support/refusal.ts'

test.each([
  ['an empty range', '0500'],
  ['an empty range after another', '00010100'],
  ['adjacent ranges, which have one form: joined', '00010001'],
  ['a zero of two bytes', '800001'],
  ['a count of two bytes that fits one', '00810000'],
  ['a number of six bytes', '80808080800001'],
  ['a number past 32 bits', '00ffffffff1f'],
  ['a start without a count', '05'],
  ['a number that is cut', '0080']
])('%s is refused', (_, hex) => {
  expect(refusal(() => decodeRanges(fromHex(hex), MAX_LEAVES))).toBeDefined()
})

test('the limit is exclusive: the last index below it is read, the next one is not', () => {
  expect(decodeRanges(encodeRanges([{ start: 9, count: 1 }]), 10)).toEqual([{ start: 9, count: 1 }])
  expect(refusal(() => decodeRanges(encodeRanges([{ start: 9, count: 2 }]), 10))).toBeDefined()
  expect(refusal(() => decodeRanges(encodeRanges([{ start: 10, count: 1 }]), 10))).toBeDefined()
})

test('MAX_RANGES ranges are read, one more is refused', () => {
  const apart = (count: number): Uint8Array =>
    encodeRanges(Array.from({ length: count }, (_, index) => ({ start: 2 * index, count: 1 })))
  expect(decodeRanges(apart(MAX_RANGES), MAX_LEAVES)).toHaveLength(MAX_RANGES)
  expect(refusal(() => decodeRanges(apart(MAX_RANGES + 1), MAX_LEAVES))?.message).toContain(String(MAX_RANGES))
})
