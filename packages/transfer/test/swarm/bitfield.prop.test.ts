import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Bitfield } from '../../src/swarm/bitfield.ts'

const length = fc.integer({ min: 0, max: 70 })

/** A length and indices, some of them outside. */
const sets = length.chain((bits) => fc.tuple(fc.constant(bits), fc.array(fc.integer({ min: -2, max: bits + 8 }))))

function fieldOf(bits: number, indices: readonly number[]): Bitfield {
  const field = new Bitfield(bits)
  for (const index of indices) {
    field.set(index)
  }
  return field
}

/** Everything observable agrees with a set of numbers. */
function expectEqual(field: Bitfield, model: ReadonlySet<number>): void {
  const sorted = [...model].sort((a, b) => a - b)
  expect(field.count).toBe(model.size)
  expect([...field.indices()]).toEqual(sorted)
  for (let index = 0; index < field.length; index++) {
    expect(field.has(index)).toBe(model.has(index))
  }
  const ranges = [...field.ranges()]
  expect(ranges.flatMap(({ start, count }) => Array.from({ length: count }, (_, at) => start + at))).toEqual(sorted)
  ranges.forEach(({ start }, at) => {
    const before = ranges[at - 1]
    expect(before === undefined || start > before.start + before.count).toBe(true)
  })
}

describe('a bitfield is a set of indices', () => {
  test('set and clear say whether they changed it; indices outside are ignored', () => {
    fc.assert(
      fc.property(length, fc.array(fc.tuple(fc.boolean(), fc.integer({ min: -2, max: 90 }))), (bits, steps) => {
        const field = new Bitfield(bits)
        const model = new Set<number>()
        for (const [add, index] of steps) {
          const inside = index >= 0 && index < bits
          const changes = inside && add !== model.has(index)
          expect(add ? field.set(index) : field.clear(index)).toBe(changes)
          if (changes && add) {
            model.add(index)
          } else if (changes) {
            model.delete(index)
          }
        }
        expectEqual(field, model)
      })
    )
  })

  test('ranges that are set, everything, and a copy', () => {
    fc.assert(
      fc.property(sets, fc.nat({ max: 80 }), fc.nat({ max: 80 }), ([bits, indices], start, count) => {
        const field = fieldOf(bits, indices)
        const copy = field.copy()
        field.setRange({ start, count })
        const before = new Set(indices.filter((index) => index >= 0 && index < bits))
        const after = new Set(before)
        for (let index = start; index < Math.min(start + count, bits); index++) {
          after.add(index)
        }
        expectEqual(field, after)
        expectEqual(copy, before)
        expectEqual(Bitfield.full(bits), new Set(Array.from({ length: bits }, (_, index) => index)))
      })
    )
  })

  test('nextCommon finds the first index of both sets from any place on', () => {
    fc.assert(
      fc.property(sets, fc.array(fc.nat({ max: 80 })), fc.nat({ max: 90 }), ([bits, first], second, from) => {
        const [a, b] = [fieldOf(bits, first), fieldOf(bits, second)]
        const expected = [...a.indices()].find((index) => index >= from && b.has(index))
        expect(a.nextCommon(b, from)).toBe(expected)
        expect(b.nextCommon(a, from)).toBe(expected)
      })
    )
  })
})
