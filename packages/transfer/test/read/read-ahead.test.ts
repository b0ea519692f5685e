import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_READ_AHEAD_BYTES, ReadAhead } from '../../src/read/read-ahead.ts'
import { MAX_DEADLINE_LEAVES } from '../../src/swarm/deadlines.ts'

const MIB = 1024 * 1024

test('MAX_READ_AHEAD_BYTES are ahead of the reader, and not one leaf more', () => {
  const leaves = MAX_READ_AHEAD_BYTES / MIB
  const ahead = new ReadAhead({ endLeaf: 1000, leafBytes: () => MIB })
  expect(ahead.at(10)).toEqual(Array.from({ length: leaves }, (_, at) => 10 + at))
  const larger = new ReadAhead({ endLeaf: 1000, leafBytes: () => MIB + 1 })
  expect(larger.at(10)).toHaveLength(leaves - 1)
})

test('one leaf is always ahead, however large; of tiny ones MAX_DEADLINE_LEAVES are', () => {
  const huge = new ReadAhead({ endLeaf: 10, leafBytes: () => 2 * MAX_READ_AHEAD_BYTES })
  expect(huge.at(3)).toEqual([3])
  const tiny = new ReadAhead({ endLeaf: 10_000, leafBytes: () => 1 })
  expect(tiny.at(0)).toHaveLength(MAX_DEADLINE_LEAVES)
})

test('the window moves with the reader in steps, and not past the end', () => {
  const ahead = new ReadAhead({ endLeaf: 100, leafBytes: () => MIB })
  const moves = Array.from({ length: 100 }, (_, leaf) => ahead.at(leaf)).filter((window) => window !== undefined)
  expect(moves.length).toBeLessThan(20)
  expect(moves.at(-1)?.at(-1)).toBe(99)
})

test('whatever the leaves are, the leaf that is read is in the window, which is bounded and reaches the end', () => {
  const leaves = fc.array(fc.integer({ min: 1, max: 3 * MIB }), { minLength: 1, maxLength: 300 })
  fc.assert(
    fc.property(leaves, fc.nat(299), (sizes, start) => {
      const ahead = new ReadAhead({ endLeaf: sizes.length, leafBytes: (leaf) => sizes[leaf] ?? 0 })
      let end = 0
      for (let leaf = Math.min(start, sizes.length - 1); leaf < sizes.length; leaf++) {
        const window = ahead.at(leaf)
        if (window !== undefined) {
          expect(window[0]).toBe(leaf)
          const bytes = window.reduce((sum, each) => sum + (sizes[each] ?? 0), 0)
          expect(window.length === 1 || bytes <= MAX_READ_AHEAD_BYTES).toBe(true)
          end = leaf + window.length
        }
        expect(end).toBeGreaterThan(leaf)
      }
      expect(end).toBe(sizes.length)
    }),
    { numRuns: 50 }
  )
})
