import { expect, test } from 'vitest'
import { MAX_SKIPPED_TURNS, SearchPace } from '../../src/share/search-pace.ts'

/** Turns that were left out before each search. */
function skipped(pace: SearchPace, searches: number): number[] {
  return Array.from({ length: searches }, () => {
    let turns = 0
    while (!pace.take(true)) {
      turns++
    }
    return turns
  })
}

test('while nobody has what is missing it searches in each turn', () => {
  const pace = new SearchPace()
  expect(Array.from({ length: 20 }, () => pace.take(false))).not.toContain(false)
})

test('once somebody has, more and more rarely, up to a bound', () => {
  expect(skipped(new SearchPace(), 8)).toEqual([
    0,
    1,
    3,
    7,
    15,
    MAX_SKIPPED_TURNS,
    MAX_SKIPPED_TURNS,
    MAX_SKIPPED_TURNS
  ])
})

test('who was named and serves spares the first search, who does not spares none', () => {
  expect(skipped(new SearchPace(1), 3)).toEqual([1, 3, 7])
  expect(new SearchPace(1).take(false)).toBe(true)
})

test('at once when the last source is gone, and as often as in the beginning', () => {
  const pace = new SearchPace()
  skipped(pace, 6)
  expect(pace.take(true)).toBe(false)
  expect(pace.take(false)).toBe(true)
  expect(skipped(pace, 2)).toEqual([0, 1])
})
