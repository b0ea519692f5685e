import { seededRandom } from '@p2pshare/testkit'
import type { Random } from '@p2pshare/testkit'
import { expect, test } from 'vitest'
import { Exploration, MAX_EXPLORATION_LOOKUPS, coveredPrefixes, gapsIn } from '../../src/rules/exploration.ts'
import { commonPrefix, distanceOf } from '../../src/rules/position.ts'
import type { Contact, Position } from '../../src/rules/position.ts'
import { EVERYTHING, contains, isUnder, prefixOf } from '../../src/rules/prefix.ts'
import type { Prefix } from '../../src/rules/prefix.ts'
import { holdersIn, regionsOf } from '../../src/rules/regions.ts'
import {
  DEPTH_LOOKUPS,
  MAX_SINGLE_KEYS,
  SWEEP_RETRY_MS,
  SweepSchedule,
  nextTurnAt,
  partsWith,
  sweepDepth,
  turnOf
} from '../../src/rules/sweep.ts'

const HOUR = 60 * 60 * 1000
const INTERVAL = 12 * HOUR

const positionIn = (random: Random): Position => ({ high: random.uint32(), low: random.uint32() })
const bits = (text: string): Prefix => ({
  position: { high: Number.parseInt(text.padEnd(32, '0'), 2) >>> 0, low: 0 },
  length: text.length
})

/** Peers whose every lookup names the 20 nearest. */
class PerfectNetwork {
  readonly random: Random
  readonly peers: readonly Contact[]
  lookups = 0

  constructor(seed: string, size: number) {
    this.random = seededRandom(seed)
    this.peers = Array.from({ length: size }, (_, at) => ({ key: `p${at}`, position: positionIn(this.random) })).sort(
      (a, b) => a.position.high - b.position.high
    )
  }

  closest(target: Position): readonly Contact[] {
    this.lookups++
    for (let depth = 12; ; depth--) {
      // the smallest part with 20 holds the 20 nearest
      const part = prefixOf(target, Math.max(0, depth))
      const near = this.peers.filter(({ position }) => isUnder(position, part))
      if (near.length >= 20 || depth <= 0) {
        return near.sort((a, b) => distanceOf(a.position, target) - distanceOf(b.position, target)).slice(0, 20)
      }
    }
  }

  /** One sweep over `keys`, as the product does it: lookups it took, and who was told of each key. */
  sweep(keys: readonly Position[]): { lookups: number; told: Map<Position, readonly Contact[]> } {
    const order = positionIn(this.random)
    const samples = Array.from({ length: DEPTH_LOOKUPS }, () => this.closest(positionIn(this.random)))
    const schedule = new SweepSchedule({ order, intervalMs: INTERVAL })
    partsWith(keys, sweepDepth(samples)).forEach((part) => schedule.add(part, turnOf(part, order) * INTERVAL))
    const told = new Map<Position, readonly Contact[]>()
    this.lookups = 0
    for (let turn = schedule.next(); turn !== undefined && told.size < keys.length; turn = schedule.next()) {
      const { prefix, at } = turn
      const mine = keys.filter((key) => isUnder(key, prefix))
      if (mine.length <= MAX_SINGLE_KEYS) {
        mine.forEach((key) => told.set(key, this.closest(key)))
        schedule.done(prefix, [prefix], at)
        continue
      }
      const exploration = new Exploration(prefix, order)
      for (let target = exploration.next(); target !== undefined; target = exploration.next()) {
        exploration.found(this.closest(target))
      }
      const regions = regionsOf(exploration.prefix, exploration.contacts)
      for (const key of keys.filter((each) => isUnder(each, exploration.prefix))) {
        const region = regions.find(({ prefix: part }) => isUnder(key, part))
        told.set(key, region === undefined ? [] : holdersIn(region, key))
      }
      schedule.done(
        exploration.prefix,
        regions.map(({ prefix: part }) => part),
        at
      )
    }
    return { lookups: this.lookups, told }
  }
}

test.each([
  [15, 100, 1],
  [100, 1_000, 15],
  [1_000, 3_000, 110]
])('a sweep over %i servers tells the 20 nearest of each of %i keys in at most %i lookups', (size, count, most) => {
  const network = new PerfectNetwork(`sweep ${size}`, size)
  const keys = Array.from({ length: count }, () => positionIn(network.random))
  const { lookups, told } = network.sweep(keys)
  expect(told.size).toBe(count)
  expect(lookups).toBeLessThanOrEqual(most)
  for (const key of keys.slice(0, 100)) {
    expect(told.get(key)?.map(({ key: name }) => name)).toEqual(network.closest(key).map(({ key: name }) => name))
  }
})

test('after a lookup everybody in the covered parts is known, and there is at least one such part', () => {
  const network = new PerfectNetwork('covered', 2_000)
  for (let round = 0; round < 50; round++) {
    const target = positionIn(network.random)
    const closest = network.closest(target)
    const covered = coveredPrefixes(target, closest)
    expect(covered.length).toBeGreaterThan(0)
    for (const part of covered) {
      const there = network.peers.filter(({ position }) => isUnder(position, part))
      expect(there.every((peer) => closest.includes(peer))).toBe(true)
    }
  }
})

test('fewer than 20 answers cover everything', () => {
  const network = new PerfectNetwork('few', 19)
  const target = positionIn(network.random)
  expect(coveredPrefixes(target, network.closest(target))).toEqual([EVERYTHING])
})

test('gaps are the largest parts that nobody covered, those like the order first', () => {
  const zeros = { high: 0, low: 0 }
  const ones = { high: 0xffffffff, low: 0xffffffff }
  expect(gapsIn(bits('1'), [], zeros)).toEqual([bits('1')])
  expect(gapsIn(bits('1'), [bits('')], zeros)).toEqual([])
  expect(gapsIn(EVERYTHING, [bits('010')], zeros)).toEqual([bits('00'), bits('011'), bits('1')])
  expect(gapsIn(EVERYTHING, [bits('010')], ones)).toEqual([bits('1'), bits('011'), bits('00')])
  expect(gapsIn(bits('0'), [bits('00'), bits('01')], zeros)).toEqual([])
})

test('an exploration of a part with few peers goes on with what is around it', () => {
  const network = new PerfectNetwork('widen', 300)
  const exploration = new Exploration(prefixOf(positionIn(network.random), 9), positionIn(network.random))
  for (let target = exploration.next(); target !== undefined; target = exploration.next()) {
    exploration.found(network.closest(target))
  }
  expect(exploration.prefix.length).toBeLessThan(6)
  const inside = network.peers.filter(({ position }) => isUnder(position, exploration.prefix))
  expect([...exploration.contacts].map(({ key }) => key).sort()).toEqual(inside.map(({ key }) => key).sort())
})

test('an exploration ends when lookups name nobody new, and after the most lookups at the latest', () => {
  const network = new PerfectNetwork('liars', 40)
  const stuck = new Exploration(EVERYTHING, { high: 0, low: 0 })
  const same = network.closest({ high: 0, low: 0 })
  for (let round = 0; round < 3; round++) {
    stuck.found(same)
  }
  expect(stuck.next()).toBeUndefined()
  expect(stuck.lookups).toBe(3)
  const endless = new Exploration(EVERYTHING, { high: 0, low: 0 })
  let made = 0
  for (let target = endless.next(); target !== undefined; target = endless.next()) {
    const { high } = target
    // somebody invents 20 neighbours around every key
    endless.found(Array.from({ length: 20 }, (_, at) => ({ key: `${made++}`, position: { high, low: at * 2 ** 20 } })))
  }
  expect(endless.lookups).toBe(MAX_EXPLORATION_LOOKUPS)
})

test('a lookup that found too few covers nothing when there are more', () => {
  const network = new PerfectNetwork('broken', 200)
  const exploration = new Exploration(prefixOf(positionIn(network.random), 3), positionIn(network.random))
  exploration.found(network.closest(exploration.next() ?? { high: 0, low: 0 }))
  const gap = exploration.next()
  expect(gap).toBeDefined()
  exploration.found([])
  expect(exploration.next()).toEqual(gap)
  exploration.found([])
  expect(exploration.next()).toBeUndefined()
})

test('regions hold 20 at least and could not be smaller', () => {
  const network = new PerfectNetwork('regions', 1_000)
  const regions = regionsOf(EVERYTHING, network.peers)
  expect(regions.flatMap(({ contacts }) => contacts)).toHaveLength(1_000)
  for (const { prefix, contacts } of regions) {
    expect(contacts.length).toBeGreaterThanOrEqual(20)
    const ones = contacts.filter(({ position }) => commonPrefix(position, prefix.position) > prefix.length)
    expect(Math.min(ones.length, contacts.length - ones.length)).toBeLessThan(20)
  }
})

test('the depth is that of parts with about twenty, and nothing in a small network', () => {
  const network = new PerfectNetwork('depth', 5_000)
  const depth = sweepDepth(Array.from({ length: DEPTH_LOOKUPS }, () => network.closest(positionIn(network.random))))
  expect(depth).toBeGreaterThanOrEqual(6)
  expect(depth).toBeLessThanOrEqual(8)
  const small = new PerfectNetwork('depth', 19)
  expect(sweepDepth([small.closest({ high: 0, low: 0 })])).toBe(0)
  expect(sweepDepth([])).toBe(0)
})

test('turns are spread over the interval, and one part has different turns at different nodes', () => {
  const random = seededRandom('turns')
  const order = positionIn(random)
  const turns = Array.from({ length: 16 }, (_, at) => turnOf(bits(at.toString(2).padStart(4, '0')), order)).sort()
  turns.forEach((turn, at) => {
    expect(Math.floor(turn * 16)).toBe(at)
  })
  const others = new Set(Array.from({ length: 50 }, () => turnOf(EVERYTHING, positionIn(random))))
  expect(others.size).toBe(50)
})

test('a part has its next turn after half an interval at the earliest and one and a half at the latest', () => {
  const random = seededRandom('next')
  const order = positionIn(random)
  for (let round = 0; round < 50; round++) {
    const part = prefixOf(positionIn(random), 5)
    const doneAt = random.float() * 100 * INTERVAL
    const at = nextTurnAt(part, order, INTERVAL, doneAt)
    expect(at).toBeGreaterThanOrEqual(doneAt + INTERVAL / 2)
    expect(at).toBeLessThanOrEqual(doneAt + 1.5 * INTERVAL)
    expect((at / INTERVAL) % 1).toBeCloseTo(turnOf(part, order), 6)
  }
})

test('parts of a schedule never overlap: a larger one swallows, a smaller one is cut out', () => {
  const schedule = new SweepSchedule({ order: { high: 0, low: 0 }, intervalMs: INTERVAL })
  schedule.add(bits('00'), 1)
  schedule.add(bits('01'), 2)
  schedule.add(bits('1'), 3)
  schedule.add(bits('111'), 0)
  expect(schedule.turns).toHaveLength(3)
  schedule.done(bits('101'), [bits('101')], 4)
  expect(schedule.turns.map(({ prefix }) => prefix)).toHaveLength(5)
  expect(schedule.covers(bits('1111').position)).toBe(true)
  schedule.done(bits('0'), [bits('0')], 5)
  const prefixes = schedule.turns.map(({ prefix }) => prefix)
  expect(prefixes).toHaveLength(4)
  for (const one of prefixes) {
    expect(prefixes.filter((other) => contains(one, other))).toEqual([one])
  }
})

test('a part that failed comes again soon', () => {
  const schedule = new SweepSchedule({ order: { high: 0, low: 0 }, intervalMs: INTERVAL })
  schedule.add(bits('0'), 10)
  schedule.add(bits('1'), 20 + 2 * SWEEP_RETRY_MS)
  schedule.failed(bits('0'), 20)
  expect(schedule.next()).toEqual({ prefix: bits('0'), at: 20 + SWEEP_RETRY_MS })
})
