import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_LEAVES } from '../../src/constants.ts'
import { toRanges } from '../../src/swarm/bitfield.ts'
import { decodeRanges, encodeRanges } from '../../src/wire/ranges.ts'
import { ranges } from './support/arbitrary.ts'
import { refusal } from './support/refusal.ts'

test('ranges are read as they were written', () => {
  fc.assert(
    fc.property(ranges, (all) => {
      expect(decodeRanges(encodeRanges(all), MAX_LEAVES)).toEqual(all)
    })
  )
})

test('a set of indices has one form: what is accepted is written the same again', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.array(fc.nat({ max: 3 }), { maxLength: 12 }).map((small) => Uint8Array.from(small))
  )
  fc.assert(
    fc.property(bytes, (input) => {
      const held: { ranges?: ReturnType<typeof decodeRanges> } = {}
      refusal(() => (held.ranges = decodeRanges(input, MAX_LEAVES)))
      if (held.ranges !== undefined) {
        expect([...encodeRanges(held.ranges)]).toEqual([...input])
        const indices = held.ranges.flatMap(({ start, count }) => (count < 1000 ? [start, start + count - 1] : []))
        expect(indices).toEqual(indices.toSorted((a, b) => a - b))
      }
    }),
    { numRuns: 10_000 }
  )
})

test('indices in any order make ascending ranges that do not touch', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 300 })), (indices) => {
      const all = toRanges(indices)
      expect(all.flatMap(({ start, count }) => Array.from({ length: count }, (_, at) => start + at))).toEqual(
        [...new Set(indices)].sort((a, b) => a - b)
      )
      expect(all.every(({ start }, at) => at === 0 || start > end(all[at - 1]))).toBe(true)
    })
  )
})

function end(range: { start: number; count: number } | undefined): number {
  return range === undefined ? -1 : range.start + range.count
}
