import { expect, test } from 'vitest'
import { Departures, MAX_DEPARTURES, MAX_SUSPECTS } from '../../src/rules/departures.ts'

const minute = 60_000

/** Among others that answer. */
function departures(): Departures {
  const all = new Departures()
  for (let at = 0; at < 64; at++) {
    all.answered(`other ${at}`)
  }
  return all
}

test('who stays silent twice leaves, but not for what was asked at the same time', () => {
  const all = departures()
  expect(all.silent('hole', 0)).toBe(false)
  expect(all.silent('hole', 9_999)).toBe(false)
  expect(all.silent('hole', 10_000)).toBe(true)
})

test('an answer in between makes up for a silence', () => {
  const all = departures()
  expect(all.silent('slow', 0)).toBe(false)
  all.answered('slow')
  expect(all.silent('slow', minute)).toBe(false)
  expect(all.silent('slow', 2 * minute)).toBe(true)
})

test('nobody leaves while most are silent: then nobody hears us', () => {
  const all = departures()
  for (let at = 0; at < 33; at++) {
    all.silent(`other ${at}`, 0)
  }
  for (let at = 0; at < 33; at++) {
    expect(all.silent(`other ${at}`, minute)).toBe(false)
  }
})

test('eight leave in a minute at most, so that a busy hour empties no table', () => {
  const all = departures()
  const leaving = (now: number): number => {
    let left = 0
    for (let at = 0; at < MAX_DEPARTURES + 1; at++) {
      all.answered('other')
      all.answered('another')
      left += Number(all.silent(`slow ${at}`, now))
    }
    return left
  }
  expect(leaving(0)).toBe(0)
  expect(leaving(minute)).toBe(MAX_DEPARTURES)
  // the one that there was no room for
  expect(leaving(2 * minute)).toBe(1)
  expect(leaving(3 * minute)).toBe(MAX_DEPARTURES)
})

test('the silences of a thousand peers are remembered, the latest', () => {
  const all = departures()
  const answeredOften = (): void => {
    for (let at = 0; at < 64; at++) {
      all.answered('other')
    }
  }
  for (let at = 0; at < MAX_SUSPECTS + 1; at++) {
    all.silent(`${at}`, 0)
  }
  answeredOften()
  expect(all.silent('0', minute)).toBe(false)
  expect(all.silent('2', minute)).toBe(true)
})
