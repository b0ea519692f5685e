import { expect, test } from 'vitest'
import { SUMMARY_PARTS, summarize } from '../../src/share/have-summary.ts'

function held(leaves: number, has: (leaf: number) => boolean): ReturnType<typeof summarize> {
  const count = Array.from({ length: leaves }, (_, leaf) => has(leaf)).filter(Boolean).length
  return summarize(leaves, count, has)
}

test('all, nothing, and an empty share need no map', () => {
  expect(held(10, () => true)).toEqual({ leaves: 10, held: 10 })
  expect(held(10, () => false)).toEqual({ leaves: 10, held: 0 })
  expect(held(0, () => true)).toEqual({ leaves: 0, held: 0 })
})

test('a small share has a bit for each leaf', () => {
  expect(held(10, (leaf) => leaf === 0 || leaf === 9)).toEqual({ leaves: 10, held: 2, map: Uint8Array.of(1, 2) })
})

test('a large one has a bit for each part, set when all of it is held', () => {
  const leaves = 3 * SUMMARY_PARTS
  const { map } = held(leaves, (leaf) => leaf !== 4)
  expect(map).toHaveLength(SUMMARY_PARTS / 8)
  expect(map?.[0]).toBe(0b11111101)
  expect(map?.subarray(1).every((byte) => byte === 0xff)).toBe(true)
})

test('every leaf is in one part, however the leaves divide', () => {
  for (const leaves of [513, 1000, 1023, 5000]) {
    for (const missing of [0, 1, 511, 512, leaves - 1]) {
      const { map = new Uint8Array() } = held(leaves, (leaf) => leaf !== missing)
      const zeros = Array.from({ length: SUMMARY_PARTS }, (_, part) => (map[part >> 3] ?? 0) & (1 << (part & 7)))
      expect(zeros.filter((bit) => bit === 0)).toHaveLength(1)
    }
  }
})
