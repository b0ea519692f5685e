import { seededRandom } from '@p2pshare/testkit'
import { expect, test } from 'vitest'
import { FINDABLE_ACKS, ackState } from '../../src/rules/ack-state.ts'
import { Frontier, MAX_HEARD } from '../../src/rules/frontier.ts'
import { gammaCdf, gammaInv } from '../../src/rules/gamma.ts'
import { MAX_VIEW, SMALL_NETWORK, holdersFor } from '../../src/rules/holders-for.ts'
import { MAX_GROUP_HOLDERS, ipGroup } from '../../src/rules/ip-group.ts'
import {
  MAX_SAMPLES,
  MIN_ALARM_NODES,
  MIN_SAMPLES,
  SAMPLE_AGE_MS,
  estimateSize,
  crowdedDistance,
  nearDistance
} from '../../src/rules/network-size.ts'
import {
  MAX_PROVIDE_INTERVAL_MS,
  REPAIR_BELOW,
  REPAIR_GAP_MS,
  nextProvideAt,
  provideIntervalMs
} from '../../src/rules/next-provide.ts'
import { commonPrefix, distanceOf, flipBit, positionOf } from '../../src/rules/position.ts'
import { MAX_PUTS, Puts } from '../../src/rules/puts.ts'
import { rankProviders } from '../../src/rules/rank-providers.ts'
import { softTimeoutMs } from '../../src/rules/soft-timeout.ts'

const hour = 60 * 60 * 1000

test('distance is XOR as a share of the key space, and flipping a bit moves by its weight', () => {
  const position = positionOf(new Uint8Array([0x80, 0, 0, 1, 0, 0, 0, 2]))
  expect(position).toEqual({ high: 0x80000001, low: 2 })
  expect(distanceOf(position, position)).toBe(0)
  for (const bit of [0, 1, 31, 32, 63]) {
    const flipped = flipBit(position, bit)
    expect(distanceOf(position, flipped)).toBe(2 ** -(bit + 1))
    expect(commonPrefix(position, flipped)).toBe(bit)
  }
  expect(commonPrefix(position, position)).toBe(64)
})

test('the Gamma quantiles are those that the thresholds of go-libp2p come from', () => {
  expect(gammaInv(20, 0.1)).toBeCloseTo(14.53, 2)
  expect(gammaInv(11, 0.9)).toBeCloseTo(15.41, 2)
  expect(gammaCdf(20, gammaInv(20, 0.37))).toBeCloseTo(0.37, 6)
  expect(nearDistance(1_000)).toBeCloseTo(0.01453, 5)
})

test('ten lookups tell the size of a network to within a fifth', () => {
  const random = seededRandom('size')
  for (let round = 0; round < 20; round++) {
    const samples = Array.from({ length: 10 }, () => {
      let distance = 0
      for (let rank = 0; rank < 20; rank++) {
        distance += -Math.log(1 - random.float()) / 10_000
      }
      return { count: 20, distance, at: 0 }
    })
    const estimate = estimateSize(samples, 0)
    expect((estimate?.nodes ?? 0) / 10_000).toBeGreaterThan(0.8)
    expect((estimate?.nodes ?? 0) / 10_000).toBeLessThan(1.25)
    expect(estimate?.low).toBeLessThan(estimate?.nodes ?? 0)
  }
})

test('two samples and old samples are no estimate', () => {
  const sample = { count: 20, distance: 0.02, at: 0 }
  const enough = Array.from({ length: MIN_SAMPLES }, () => sample)
  expect(estimateSize(enough.slice(1), 0)).toBeUndefined()
  expect(estimateSize(enough, SAMPLE_AGE_MS)?.nodes).toBeCloseTo(983, 0)
  expect(estimateSize(enough, SAMPLE_AGE_MS + 1)).toBeUndefined()
})

test('a key is crowded below ten expected nodes, and never in a small network', () => {
  expect(1_000 * crowdedDistance({ nodes: 1_000 })).toBeCloseTo(10, 1)
  expect(crowdedDistance({ nodes: MIN_ALARM_NODES })).toBeGreaterThan(0)
  expect(crowdedDistance({ nodes: MIN_ALARM_NODES - 1 })).toBe(0)
})

test.each([20, 60, 200])('with an estimate of %i ranks no more than one honest key in 200 looks crowded', (ranks) => {
  const random = seededRandom(`crowded ${ranks}`)
  const sumOf = (count: number): number =>
    Array.from({ length: count }, () => -Math.log(1 - random.float())).reduce((sum, value) => sum + value, 0) / 1_000
  let crowded = 0
  const keys = 5_000
  for (let key = 0; key < keys; key++) {
    const nodes = (ranks - 1) / sumOf(ranks)
    crowded += Number(sumOf(20) < crowdedDistance({ nodes, ranks }))
  }
  expect(crowded / keys).toBeGreaterThan(0.001)
  expect(crowded / keys).toBeLessThan(0.005)
})

test('soft timeouts stay in their bands', () => {
  expect(softTimeoutMs({ connected: true })).toBe(400)
  expect(softTimeoutMs({ connected: true, p95Ms: 10 })).toBe(250)
  expect(softTimeoutMs({ connected: true, p95Ms: 200 })).toBe(400)
  expect(softTimeoutMs({ connected: true, p95Ms: 2_000 })).toBe(600)
  expect(softTimeoutMs({ connected: false })).toBe(1_000)
  expect(softTimeoutMs({ connected: false, p95Ms: 9_000 })).toBe(1_500)
})

test('findable takes five confirmations, complete all holders, and an open alarm holds both back', () => {
  expect(ackState({ acks: 0, holders: 100 })).toBe('queued')
  expect(ackState({ acks: FINDABLE_ACKS - 1, holders: 100 })).toBe('queued')
  expect(ackState({ acks: FINDABLE_ACKS, holders: 100 })).toBe('findable')
  expect(ackState({ acks: 20, holders: 100 })).toBe('complete')
  expect(ackState({ acks: 3, holders: 3 })).toBe('complete')
  expect(ackState({ acks: 20, holders: 100, alarm: 'open' })).toBe('suspect')
  expect(ackState({ acks: 20, holders: 100, alarm: 'region-done' })).toBe('complete')
})

test('the pace of announcements follows the half-life of holders between one and twelve hours', () => {
  expect(provideIntervalMs(2 * hour)).toBe(3 * hour)
  expect(provideIntervalMs(hour / 10)).toBe(hour)
  expect(provideIntervalMs(100 * hour)).toBe(12 * hour)
  expect(provideIntervalMs(undefined)).toBe(3 * hour)
})

test('holders that died are replaced at once, but not again within ten minutes', () => {
  const history = { lastAt: 0, triedAt: 0, spread: 0.5, liveHolders: REPAIR_BELOW }
  expect(nextProvideAt(history, 3 * hour, hour)).toBe(3 * hour)
  const dying = { ...history, liveHolders: REPAIR_BELOW - 1 }
  expect(nextProvideAt(dying, 3 * hour, hour)).toBe(hour)
  expect(nextProvideAt({ ...dying, triedAt: hour - 1 }, 3 * hour, hour)).toBe(hour - 1 + REPAIR_GAP_MS)
  expect(nextProvideAt({ ...dying, triedAt: hour }, 3 * hour, 4 * hour)).toBe(3 * hour)
})

test.each([
  ['93.184.216.34', '93.184.216'],
  ['::ffff:93.184.216.34', '93.184.216'],
  ['2606:2800:220:1:248:1893:25c8:1946', '2606:2800:220'],
  ['2606:2800::1', '2606:2800:0'],
  ['10.1.2.3', undefined],
  ['192.168.0.1', undefined],
  ['100.64.0.1', undefined],
  ['169.254.1.1', undefined],
  ['127.0.0.1', undefined],
  ['fe80::1%eth0', undefined],
  ['fc00::1', undefined],
  ['::1', undefined],
  ['2606::2800::1', undefined],
  ['1.2.3', undefined],
  ['1.2.3.256', undefined],
  ['::ffff:c000:0201', '192.0.2'],
  ['64:ff9b::192.0.2.1', '192.0.2'],
  ['64:ff9b::c000:201', '192.0.2'],
  ['2002:c000:201::1', '192.0.2'],
  ['::ffff:7f00:1', undefined],
  ['example.org', undefined]
])('the group of %s is %s', (address, group) => {
  expect(ipGroup(address)).toBe(group)
})

test('a small network is told as a whole, a larger one by its 20 nearest, a huge or unknown one not at all', () => {
  const random = seededRandom('holders')
  const peers = Array.from({ length: SMALL_NETWORK + 1 }, (_, at) => ({
    key: `${at}`,
    position: { high: random.uint32(), low: 0 }
  }))
  const target = { high: 0, low: 0 }
  expect(holdersFor(target, peers.slice(1), true)).toHaveLength(SMALL_NETWORK)
  const some = holdersFor(target, peers, true)
  expect(some).toHaveLength(20)
  const distances = (some ?? []).map(({ position }) => distanceOf(position, target))
  expect(distances).toEqual([...distances].sort((a, b) => a - b))
  expect(holdersFor(target, peers, false)).toBeUndefined()
  expect(holdersFor(target, [], true)).toBeUndefined()
})

test('those known alive come first by round trip, the dead last', () => {
  const facts = { responder: 'r', responderDistance: 0 }
  const ranked = rankProviders(
    [
      { key: 'dead', liveness: 'dead', ...facts },
      { key: 'stranger', liveness: 'unknown', ...facts },
      { key: 'far', liveness: 'alive', rttMs: 90, ...facts },
      { key: 'near', liveness: 'alive', rttMs: 9, ...facts }
    ],
    false
  )
  expect(ranked.map(({ key }) => key)).toEqual(['near', 'far', 'stranger', 'dead'])
})

test('after an alarm the farthest responder has the first word, and one record each round', () => {
  const ranked = rankProviders(
    [
      { key: 'a1', liveness: 'unknown', responder: 'a', responderDistance: 0.01 },
      { key: 'a2', liveness: 'unknown', responder: 'a', responderDistance: 0.01 },
      { key: 'b1', liveness: 'unknown', responder: 'b', responderDistance: 0.2 }
    ],
    true
  )
  expect(ranked.map(({ key }) => key)).toEqual(['b1', 'a1', 'a2'])
})

test('a frontier remembers a thousand, the nearest', () => {
  const frontier = new Frontier<{ key: string; position: { high: number; low: number } }>({ high: 0, low: 0 })
  for (let at = MAX_HEARD; at > 0; at--) {
    expect(frontier.add({ key: `${at}`, position: { high: at, low: 0 } })).toBe(true)
  }
  expect(frontier.add({ key: 'again', position: { high: MAX_HEARD + 1, low: 0 } })).toBe(false)
  expect(frontier.add({ key: 'nearest', position: { high: 0, low: 1 } })).toBe(true)
  expect(frontier.add({ key: 'nearest', position: { high: 0, low: 1 } })).toBe(false)
  expect(frontier.get(`${MAX_HEARD}`)).toBeUndefined()
  expect(frontier.nearest(2, () => true).map(({ contact }) => contact.key)).toEqual(['nearest', '1'])
})

test('only the latest samples count', () => {
  const sample = { count: 20, distance: 0.02, at: 0 }
  const full = Array.from({ length: MAX_SAMPLES }, () => sample)
  const older = { count: 20, distance: 0.9, at: 0 }
  expect(estimateSize([older, ...full], 0)).toEqual(estimateSize(full, 0))
  expect(estimateSize([older, ...full.slice(1)], 0)).not.toEqual(estimateSize(full, 0))
})

test('a view beyond its bound is not trusted to name the nearest', () => {
  const peers = Array.from({ length: MAX_VIEW + 1 }, (_, at) => ({ key: `${at}`, position: { high: at, low: 0 } }))
  expect(holdersFor({ high: 0, low: 0 }, peers.slice(1), true)).toHaveLength(20)
  expect(holdersFor({ high: 0, low: 0 }, peers, true)).toBeUndefined()
})

test('the pace does not fall below the longest interval', () => {
  expect(provideIntervalMs(MAX_PROVIDE_INTERVAL_MS / 1.5)).toBe(MAX_PROVIDE_INTERVAL_MS)
  expect(provideIntervalMs(MAX_PROVIDE_INTERVAL_MS / 1.5 + 1)).toBe(MAX_PROVIDE_INTERVAL_MS)
})

test('a group of addresses and an announcement have their bounds', () => {
  const position = { high: 0, low: 0 }
  const grouped = new Puts()
  for (let at = 0; at < MAX_GROUP_HOLDERS; at++) {
    expect(grouped.take({ key: `${at}`, position, group: '192.0.2' })).toBe(true)
  }
  expect(grouped.take({ key: 'one more', position, group: '192.0.2' })).toBe(false)
  const refused = new Puts()
  for (let at = 0; at < MAX_PUTS; at++) {
    expect(refused.isFull()).toBe(false)
    refused.take({ key: `${at}`, position })
    refused.settle(`${at}`, false)
  }
  expect(refused.isFull()).toBe(true)
})
