import { expect, test } from 'vitest'
import { seededRandom } from '../../../src/random.ts'
import { DhtPopulation, FATE } from '../../../src/sim/dht/population.ts'
import type { DhtPosition } from '../../../src/sim/dht/position.ts'
import { kademliaTables, trieTables } from '../../../src/sim/dht/tables.ts'

const random = seededRandom('tables')
const population = DhtPopulation.random({ live: 3_000 }, random)
const anywhere = (): DhtPosition => ({ high: random.uint32(), low: random.uint32() })
const kademlia = kademliaTables({ population, seed: 1 })

test('a table says the same whoever asks first, and another seed another one', () => {
  const again = kademliaTables({ population, seed: 1 })
  const other = kademliaTables({ population, seed: 2 })
  const targets = Array.from({ length: 20 }, anywhere)
  const forward = targets.map((target) => kademlia.known(9, target, 20))
  const backward = [...targets].reverse().map((target) => again.known(9, target, 20))
  expect(backward.reverse()).toEqual(forward)
  expect(targets.map((target) => other.known(9, target, 20))).not.toEqual(forward)
})

test.each([
  ["Kademlia's", kademlia],
  ["kad-dht's", trieTables({ population, seed: 1, prefixBits: 6 })]
])('%s contacts come nearest first, each once, never the node itself', (_name, tables) => {
  for (let round = 0; round < 50; round++) {
    const node = random.int(population.size)
    const target = anywhere()
    const known = tables.known(node, target, 40)
    expect(known).toHaveLength(40)
    expect(new Set(known).size).toBe(40)
    expect(known).not.toContain(node)
    expect(known).toEqual(population.sorted([...known], target))
  }
})

test('full buckets hold few of the dead, and some neighbours are unknown', () => {
  let dead = 0
  let around = 0
  let unknown = 0
  for (let node = 0; node < 500; node++) {
    const position = population.position(node)
    const far = kademlia.known(node, { high: (position.high ^ 0x80000000) >>> 0, low: 0 }, 20)
    dead += far.filter((each) => population.fate[each] !== FATE.answers).length
    const known = new Set(kademlia.known(node, position, 60))
    const neighbours = population.nearest(position, 11).filter((each) => each !== node)
    around += neighbours.length
    unknown += neighbours.filter((each) => !known.has(each)).length
  }
  expect(dead / (500 * 20)).toBeGreaterThan(0.03)
  expect(dead / (500 * 20)).toBeLessThan(0.05)
  expect(unknown / around).toBeGreaterThan(0.015)
  expect(unknown / around).toBeLessThan(0.035)
})

test('a shallow trie knows its own neighbourhood badly, a deep one well', () => {
  const overlap = (prefixBits: number): number => {
    const tables = trieTables({ population, seed: 1, prefixBits, unknown: 0 })
    let common = 0
    for (let node = 0; node < 100; node++) {
      const position = population.position(node)
      const known = new Set(tables.known(node, position, 20))
      common += population.nearest(position, 21).filter((each) => known.has(each)).length
    }
    return common / 100
  }
  expect(overlap(4)).toBeLessThan(5)
  expect(overlap(10)).toBeGreaterThan(16)
})
