import { expect, test } from 'vitest'
import { DUPLICATE_AFTER_MS, ENDGAME_AFTER_MS, findSpare } from '../../src/swarm/endgame.ts'
import type { Spare } from '../../src/swarm/endgame.ts'
import { Source } from '../../src/swarm/source.ts'

const MIB = 1024 * 1024

interface Peer {
  /** Leaves it was asked for, in order, at 0. */
  readonly asked?: readonly number[]
  readonly has?: readonly number[]
  /** Bytes it sent in the last tenth of a second. */
  readonly sent?: number
}

function sourceOf({ asked = [], has = [0, 1, 2, 3, 4], sent = 0 }: Peer, now: number): Source {
  const source = new Source(5, () => MIB, now - 100)
  has.forEach((leaf) => source.have.set(leaf))
  asked.forEach((leaf) => source.ask(leaf, 0))
  source.addBytes(sent, now)
  return source
}

function spare(
  peers: Readonly<Record<string, Peer>>,
  now: number,
  { idle = {}, arrived = [], twice = [] }: { idle?: Peer; arrived?: number[]; twice?: number[] } = {}
): Spare | undefined {
  const idler = sourceOf(idle, now)
  const sources = new Map(Object.entries(peers).map(([peer, given]) => [peer, sourceOf(given, now)]))
  sources.set('idle', idler)
  const askedOf = (leaf: number): number => (twice.includes(leaf) ? 2 : 1)
  return findSpare({ sources, askedOf, arrived: new Set(arrived) }, idler, now)
}

test('of a slow peer, the leaf that it was asked for last is taken', () => {
  expect(spare({ a: { asked: [0, 1, 2] } }, 5000)).toEqual({ peer: 'a', leaf: 2, started: false })
})

test('the peer that will need the longest gives first', () => {
  const peers = {
    a: { asked: [0, 1], sent: 100_000 },
    b: { asked: [2, 3], sent: 10_000 },
    c: { asked: [4], sent: 50_000 }
  }
  expect(spare(peers, 5000)).toMatchObject({ peer: 'b', leaf: 3 })
})

test('a peer that is done within ENDGAME_AFTER_MS keeps what it has', () => {
  // 20 MiB/s: a tenth of a second for two
  expect(spare({ a: { asked: [0, 1], sent: 2 * MIB } }, 5000)).toBeUndefined()
})

test.each([
  [ENDGAME_AFTER_MS - 1, undefined],
  [ENDGAME_AFTER_MS, { peer: 'a', leaf: 1, started: false }]
])('a request %d ms old', (now, expected) => {
  expect(spare({ a: { asked: [0, 1] } }, now)).toEqual(expected)
})

test.each([
  [DUPLICATE_AFTER_MS - 1, undefined],
  [DUPLICATE_AFTER_MS, { peer: 'a', leaf: 0, started: true }]
])('the leaf a peer is at work on, asked for %d ms ago, is asked of a second one', (now, expected) => {
  expect(spare({ a: { asked: [0] } }, now)).toEqual(expected)
})

test('it is not asked twice when its peer will be done with it soon', () => {
  // 512 KiB/s: two seconds
  expect(spare({ a: { asked: [0], sent: MIB / 20 } }, 60_000)).toBeUndefined()
})

test('what the idle peer does not have, what two were asked for, and what has arrived is left alone', () => {
  const peers = { a: { asked: [0, 1, 2, 3] } }
  expect(spare(peers, 5000, { idle: { has: [0, 1, 2] } })).toMatchObject({ leaf: 2 })
  expect(spare(peers, 5000, { twice: [3] })).toMatchObject({ leaf: 2 })
  expect(spare(peers, 5000, { arrived: [3] })).toMatchObject({ leaf: 2 })
  // the first that has not arrived is the one at work
  expect(spare(peers, 5000, { arrived: [0, 1], twice: [3] })).toEqual({ peer: 'a', leaf: 2, started: true })
  expect(spare(peers, 5000, { idle: { has: [] } })).toBeUndefined()
})

test('an idle peer takes nothing from itself', () => {
  expect(spare({}, 60_000, { idle: { asked: [0, 1] } })).toBeUndefined()
})
