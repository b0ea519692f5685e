import { seededRandom } from '@p2pshare/testkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Bitfield } from '../../src/swarm/bitfield.ts'
import type { Range } from '../../src/swarm/bitfield.ts'
import { Leech } from '../../src/swarm/leech.ts'
import type { LeechEffect } from '../../src/swarm/leech.ts'
import { Seed } from '../../src/swarm/seed.ts'

const LEAVES = 100_000
const PEERS = 8

/** Looks at single bits, whoever makes them. */
let looks = 0

const { has } = Bitfield.prototype

beforeEach(() => {
  looks = 0
  Bitfield.prototype.has = function (this: Bitfield, index: number) {
    looks++
    return has.call(this, index)
  }
})

afterEach(() => {
  Bitfield.prototype.has = has
})

function everything(): number[] {
  return Array.from({ length: LEAVES }, (_, leaf) => leaf)
}

describe(`with ${LEAVES} leaves and ${PEERS} peers, work grows with the leaves and not with their square`, () => {
  test('a download from one seeder and seven peers that are downloading too', () => {
    const random = seededRandom('large')
    let draws = 0
    let sizes = 0
    let now = 0
    const machine = new Leech({
      leafCount: LEAVES,
      leafBytes: () => (sizes++, 1024 * 1024),
      missing: everything(),
      random: () => (draws++, random.float())
    })
    const queue: Array<{ readonly peer: string; readonly leaf: number }> = []
    const asked = new Map<string, number>()
    const take = (effects: readonly LeechEffect[]): void => {
      for (const effect of effects) {
        if (effect.type === 'request') {
          asked.set(effect.peer, (asked.get(effect.peer) ?? 0) + effect.leaves.length)
          queue.push(...effect.leaves.map((leaf) => ({ peer: effect.peer, leaf })))
        }
      }
    }
    for (let peer = 0; peer < PEERS; peer++) {
      machine.peerJoined(`peer ${peer}`, 0)
    }
    take(machine.onHave('peer 0', everything(), 0))
    // the others announce a leaf each whenever one arrives here, in an order of their own
    const orders = Array.from({ length: PEERS - 1 }, (_, peer) => random.fork(peer).shuffle(everything()))
    let arrived = 0
    for (let next = queue[arrived]; next !== undefined; next = queue[++arrived]) {
      now += 1
      if (machine.isAskedOf(next.leaf, next.peer)) {
        machine.onBytes(next.peer, 1024 * 1024, now)
        take([...machine.onDelivered(next.leaf, next.peer), ...machine.onStored(next.leaf, now)])
      }
      for (const [peer, order] of orders.entries()) {
        take(machine.onHave(`peer ${peer + 1}`, order.slice(arrived, arrived + 1), now))
      }
      if (arrived % 250 === 0) {
        take(machine.tick(now))
      }
    }
    expect(machine.missing).toBe(0)
    // everyone was made use of, those with a few common leaves among many rare ones too
    expect(Math.min(...asked.values())).toBeGreaterThan(0.02 * LEAVES)
    expect({
      draws: draws / LEAVES,
      sizes: sizes / LEAVES,
      looks: looks / LEAVES,
      requests: queue.length / LEAVES
    }).toEqual({
      draws: expect.toSatisfy((each: number) => each < 10) as number,
      sizes: expect.toSatisfy((each: number) => each < 20) as number,
      looks: expect.toSatisfy((each: number) => each < 400) as number,
      requests: expect.toSatisfy((each: number) => each < 1.01) as number
    })
  })

  test('a first pass, with peers that come, change what they want, and go', () => {
    let sizes = 0
    let now = 0
    const machine = new Seed({
      leafCount: LEAVES,
      leafBytes: () => (sizes++, 1024 * 1024),
      have: Bitfield.full(LEAVES),
      firstOffer: 12_345
    })
    looks = 0
    const queue: Array<{ readonly peer: string; readonly ranges: readonly Range[] }> = []
    let offered = 0
    let shown = 0
    const take = (effects: ReturnType<Seed['tick']>): void => {
      for (const effect of effects) {
        if (effect.type === 'offer') {
          queue.push(effect)
          offered += effect.ranges.reduce((sum, { count }) => sum + count, 0)
        } else {
          shown++
        }
      }
    }
    for (let peer = 0; peer < PEERS; peer++) {
      take(machine.peerJoined(`peer ${peer}`, 0))
      take(machine.onWant(`peer ${peer}`, Bitfield.full(LEAVES), 0))
    }
    for (let at = 0, next = queue[at]; next !== undefined; next = queue[++at]) {
      for (const { start, count } of next.ranges) {
        for (let leaf = start; leaf < start + count; leaf++) {
          now += 1
          machine.onProgress(next.peer, now)
          take(machine.onHave(next.peer, [leaf], now))
          if (leaf % 25_000 === 0) {
            take(machine.onWant(next.peer, Bitfield.full(LEAVES), now))
            take(machine.peerLeft('peer 7', now))
            take(machine.peerJoined('peer 7', now))
          }
        }
      }
    }
    expect(shown).toBe(PEERS - 1)
    // peer 7 left four times, with what only it had
    expect(offered).toBeGreaterThanOrEqual(LEAVES)
    expect(offered).toBeLessThan(1.3 * LEAVES)
    expect(sizes / LEAVES).toBeLessThan(10)
    expect(looks / LEAVES).toBeLessThan(100)
  })
})
