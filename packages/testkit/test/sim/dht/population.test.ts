import { expect, test } from 'vitest'
import { seededRandom } from '../../../src/random.ts'
import { DhtPopulation, FATE } from '../../../src/sim/dht/population.ts'
import type { DhtPosition } from '../../../src/sim/dht/position.ts'

const random = seededRandom('population')
const population = DhtPopulation.random({ live: 850 }, random)
const anywhere = (): DhtPosition => ({ high: random.uint32(), low: random.uint32() })
const all = Array.from({ length: population.size }, (_, node) => node)

test('everybody is in the order of the key space, and the dead are the share that was asked for', () => {
  expect(population.size).toBe(1_000)
  expect([...population.high]).toEqual([...population.high].sort((a, b) => a - b))
  expect(all.filter((node) => population.fate[node] !== FATE.answers)).toHaveLength(150)
  const silent = all.filter((node) => population.fate[node] === FATE.silent).length
  expect(silent).toBeGreaterThan(80)
  expect(silent).toBeLessThan(130)
})

test('the nearest are those that a search through all finds', () => {
  for (let round = 0; round < 30; round++) {
    const target = anywhere()
    const isLive = (node: number): boolean => population.fate[node] === FATE.answers
    const expected = population.sorted(all.filter(isLive), target).slice(0, 20)
    expect(population.nearest(target, 20, isLive)).toEqual(expected)
  }
})

test('the nearest to a node are the node itself and its neighbours', () => {
  expect(population.nearest(population.position(7), 1)).toEqual([7])
  expect(population.distance(7, population.position(7))).toBe(0)
  expect(population.nearest(anywhere(), 2_000)).toHaveLength(1_000)
})

test('Sybils are nearer to their key than everybody else, who stays where they were', () => {
  const target = anywhere()
  const crowded = population.crowded(target, 30, random)
  expect(crowded.size).toBe(1_030)
  expect([...crowded.high]).toEqual([...crowded.high].sort((a, b) => a - b))
  const nearest = crowded.nearest(target, 31)
  expect(nearest.slice(0, 30).every((node) => crowded.fate[node] === FATE.sybil)).toBe(true)
  const [first = 0] = population.nearest(target, 1)
  expect(crowded.position(nearest[30] ?? 0)).toEqual(population.position(first))
})
