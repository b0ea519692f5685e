import { expect, test } from 'vitest'
import { seededRandom } from '../../../src/random.ts'
import type { DhtPatience } from '../../../src/sim/dht/lookup.ts'
import { runOperation } from '../../../src/sim/dht/operation.ts'
import type { OperationInit, OperationResult } from '../../../src/sim/dht/operation.ts'
import { FATE } from '../../../src/sim/dht/population.ts'
import { EventHash } from '../../../src/sim/event-hash.ts'
import type { DhtAsk } from '../../../src/sim/dht/lookup.ts'
import { NearestFirst, smallWorld } from './nearest-first.ts'

const PATIENCE: DhtPatience = { softMs: () => 1_500, hardMs: () => 5_000 }

function run(
  seed: number,
  more: Partial<OperationInit<DhtAsk>> = {},
  deadShare?: number
): { result: OperationResult; lookup: NearestFirst; digest: string; truth: ReadonlySet<number> } {
  const random = seededRandom(`operation ${seed}`)
  const world = smallWorld(seed, 400, deadShare)
  const self = world.population.anyLive(random)
  const target = { high: random.uint32(), low: random.uint32() }
  const lookup = new NearestFirst(world, self, target)
  const hash = new EventHash()
  const result = runOperation({ world, self, target, lookup, patience: PATIENCE, random, hash, ...more })
  return { result, lookup, digest: hash.digest, truth: new Set(world.holders(target, 21)) }
}

test('the same seed goes the same way, another one another way', () => {
  const digests = Array.from({ length: 20 }, (_, seed) => run(seed).digest)
  expect(Array.from({ length: 20 }, (_, seed) => run(seed).digest)).toEqual(digests)
  expect(new Set(digests).size).toBe(20)
})

test('a lookup comes to the nearest and tells them, in rounds of a few hops', () => {
  const { result, truth } = run(1, {}, 0)
  expect([...result.holders].filter((node) => truth.has(node)).length).toBeGreaterThanOrEqual(18)
  expect(result.ackAtMs).toEqual([...result.ackAtMs].sort((a, b) => a - b))
  expect(Math.max(...[...result.asked].map((node) => result.hops.get(node) ?? 0))).toBeLessThanOrEqual(4)
  expect(result.messages).toBe(result.asked.size + result.holders.size)
})

test('silent nodes are slow and fail later, and are never holders', () => {
  const { result, lookup } = run(3, {}, 0.3)
  expect(lookup.lost.length).toBeGreaterThan(0)
  expect(lookup.slowed.length).toBeGreaterThan(0)
  expect(result.doneAtMs).toBeGreaterThan(5_000)
  expect(lookup.lost.some((node) => result.holders.has(node))).toBe(false)
})

test('a search ends with the first true record, and lies do not end it', () => {
  const { truth } = run(5)
  const lies = run(5, { records: () => ({ count: 20, isTrue: false }) })
  expect(lies.result.recordAtMs).toBe(Infinity)
  const true_ = run(5, { records: (node) => (truth.has(node) ? { count: 1, isTrue: true } : undefined) })
  expect(true_.result.recordAtMs).toBeLessThan(lies.result.doneAtMs)
  expect(true_.result.recordMessages).toBeLessThan(lies.result.messages)
  expect(true_.result.doneAtMs).toBe(Infinity)
})

test('Sybils name only each other', () => {
  const random = seededRandom('sybils')
  const world = smallWorld(1, 300)
  const target = { high: random.uint32(), low: random.uint32() }
  const crowded = world.population.crowded(target, 25, random)
  const { fate } = crowded
  expect([...fate].filter((each) => each === FATE.sybil)).toHaveLength(25)
})
