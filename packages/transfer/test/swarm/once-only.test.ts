import { describe, expect, test } from 'vitest'
import { OFFER_LATE_MS, OFFER_MAX_MS, OFFER_TIMEOUT_MS, OnceOnly, REVEAL_IDLE_MS } from '../../src/swarm/once-only.ts'
import type { PolicyEffect } from '../../src/swarm/effects.ts'
import type { SharePolicy } from '../../src/swarm/policy.ts'
import { MAX_TAKER_LEAVES } from '../../src/swarm/taker.ts'
import { SEED_LEAD_MS } from '../../src/swarm/window.ts'
import {
  all,
  fieldOf,
  granted,
  MIB,
  named,
  ofType,
  pass,
  policyOf,
  seederOf,
  wholeRun
} from './support/share-policy.ts'

const LEAF = 64 * 1024
const RTT_MS = 20

interface Swarm {
  readonly seeder: SharePolicy
  readonly effects: readonly PolicyEffect[]
}

/** A seeder at 1 MiB/s and peers that want everything. */
function swarm(leafCount: number, peers: readonly string[], { firstOffer = 0, leafBytes = LEAF } = {}): Swarm {
  const seeder = seederOf({ leafCount, leafBytes, firstOffer, peers })
  return { seeder, effects: peers.flatMap((peer) => seeder.onWant(peer, all(leafCount), 0)) }
}

/** The peer asks for the leaf, gets it, and announces it. */
function take(seeder: SharePolicy, leaf: number, peer: string, now: number, announced = true): readonly PolicyEffect[] {
  const effects = [...seeder.onRequest(peer, [wholeRun(leaf, LEAF)], now)]
  for (
    let next;
    (next = seeder.take(
      () => true,
      () => 128,
      now
    ));
  ) {
    effects.push(...seeder.onSent(next.peer, next.run.count * 16 * 1024, now))
  }
  return [...effects, ...(announced ? seeder.onHave(peer, [leaf], now) : [])]
}

/** One leaf that two want, offered to one of them at 0. */
function offeredToA(): OnceOnly {
  const pass = new OnceOnly({ leafCount: 1, firstOffer: 0 })
  for (const peer of ['a', 'b']) {
    pass.join(peer, 0)
    pass.want(peer, fieldOf(1, [0]), 0)
  }
  pass.place({ peer: 'a', leaf: 0 }, 0)
  return pass
}

describe('the first pass', () => {
  test('a peer hears nothing before it says what it wants', () => {
    const seeder = seederOf({ leafCount: 5 })
    expect(seeder.onceOnly).toBe(true)
    expect(seeder.peerJoined('a', 0)).toEqual([])
    expect(seeder.onWant('a', [], 0)).toEqual([])
    expect(named(seeder.onWant('a', [3], 0), 'offer', 'a')).toEqual([3])
  })

  test('each leaf is offered to one peer only', () => {
    const { seeder, effects } = swarm(40, ['a', 'b', 'c'])
    const offers = ['a', 'b', 'c'].flatMap((peer) => named(effects, 'offer', peer).map((leaf) => ({ peer, leaf })))
    const queue = [...offers]
    for (let now = 1, next = queue.shift(); next !== undefined; next = queue.shift(), now++) {
      const more = take(seeder, next.leaf, next.peer, now)
      for (const peer of ['a', 'b', 'c']) {
        queue.push(...named(more, 'offer', peer).map((leaf) => ({ peer, leaf })))
      }
      offers.push(...queue.filter((offer) => !offers.includes(offer)))
    }
    expect(offers.map(({ leaf }) => leaf).sort((a, b) => a - b)).toEqual(all(40))
  })

  test('it begins at firstOffer and goes round', () => {
    const { effects } = swarm(5, ['a'], { firstOffer: 3 })
    expect(named(effects, 'offer', 'a')).toEqual(all(5))
    const { effects: few } = swarm(20, ['a'], { firstOffer: 18 })
    expect(named(few, 'offer', 'a')).toEqual([0, 1, 2, 3, 4, 5, 18, 19])
  })

  test('what is promised is what the uplink does in a round trip and SEED_LEAD_MS', () => {
    const { effects } = swarm(100, ['a', 'b'])
    const offered = named(effects, 'offer', 'a').length + named(effects, 'offer', 'b').length
    const window = ((SEED_LEAD_MS + RTT_MS) * MIB) / 1000
    expect(offered * LEAF).toBeLessThanOrEqual(window)
    expect(offered * LEAF).toBeGreaterThan(0.9 * window)
  })

  test('and of small leaves MAX_TAKER_LEAVES with one peer', () => {
    const seeder = policyOf({ leafCount: 5000, leafBytes: 100, have: all(5000) })
    seeder.peerJoined('a', 0, RTT_MS)
    expect(named(seeder.onWant('a', all(5000), 0), 'offer', 'a')).toHaveLength(MAX_TAKER_LEAVES)
  })

  test('a leaf goes to the peer with the fewest that it has not passed on', () => {
    const pass = new OnceOnly({ leafCount: 9, firstOffer: 0 })
    for (const peer of ['a', 'b', 'c']) {
      pass.join(peer, 0)
      pass.want(peer, fieldOf(9, all(9)), 0)
    }
    const place = (now: number): string => {
      const offer = pass.next(() => true) ?? expect.unreachable()
      pass.place(offer, now)
      return `${offer.peer}${offer.leaf}`
    }
    expect([1, 2, 3].map(place)).toEqual(['a0', 'b1', 'c2'])
    // what a was offered is with all who want it but one: it got around
    pass.announce('a', 0, 4)
    expect(pass.isRelay('a')).toBe(false)
    pass.announce('b', 0, 5)
    expect(pass.isRelay('a')).toBe(true)
    expect([4, 5].map(place)).toEqual(['a3', 'b4'])
  })

  test('whose turn it is does not depend on how far away a peer is', () => {
    const seeder = seederOf({ leafCount: 100, leafBytes: LEAF })
    seeder.peerJoined('near', 0, 1)
    seeder.peerJoined('far', 0, 200)
    const effects = [...seeder.onWant('near', all(100), 0), ...seeder.onWant('far', all(100), 0)]
    const offered = { near: named(effects, 'offer', 'near').length, far: named(effects, 'offer', 'far').length }
    for (let now = 1; now < 20; now++) {
      for (const peer of ['near', 'far'] as const) {
        const more = take(seeder, named(effects, 'offer', peer).shift() ?? 0, peer, now, false)
        offered.near += named(more, 'offer', 'near').length
        offered.far += named(more, 'offer', 'far').length
      }
    }
    expect(offered.near).toBeGreaterThan(0.5 * offered.far)
  })

  test('a passed leaf goes to another peer, and not to the same again', () => {
    const { seeder } = swarm(1, ['a', 'b'])
    expect(named(seeder.onPass('a', [0], 1), 'offer', 'b')).toEqual([0])
    expect(seeder.onPass('b', [0], 2)).toEqual([])
    expect(seeder.onPass('a', [0], 3)).toEqual([])
  })

  test('one that changes its mind is offered again what it passed', () => {
    const { seeder } = swarm(1, ['a'])
    seeder.onPass('a', [0], 1)
    expect(named(seeder.onWant('a', [0], 2), 'offer', 'a')).toEqual([0])
  })

  test('one that wants more is offered more', () => {
    const seeder = seederOf({ leafCount: 6, leafBytes: LEAF, peers: ['a'] })
    expect(named(seeder.onWant('a', [1], 0), 'offer', 'a')).toEqual([1])
    take(seeder, 1, 'a', 1)
    expect(named(seeder.onMoreWant('a', [1, 4], 2), 'offer', 'a')).toEqual([4])
  })

  test('what a peer no longer wants goes to one that does', () => {
    const { seeder } = swarm(1, ['a', 'b'])
    expect(named(seeder.onWant('a', [], 1), 'offer', 'b')).toEqual([0])
  })

  test('what a leaving peer was offered, or alone announced, is offered again', () => {
    const { seeder } = swarm(2, ['a', 'b'])
    take(seeder, 0, 'a', 1)
    expect(named(seeder.peerLeft('a', 2), 'offer', 'b')).toEqual([0, 1])
  })

  test('unless it left with all that it wanted: it may serve others still', () => {
    const { seeder } = swarm(2, ['a', 'b'])
    take(seeder, 0, 'a', 1)
    seeder.onWant('a', [], 2)
    expect(ofType(seeder.peerLeft('a', 3), 'offer')).toEqual([])
  })

  test('and when everybody has left, the next swarm begins anew', () => {
    const { seeder } = swarm(2, ['a'])
    take(seeder, 0, 'a', 1)
    take(seeder, 1, 'a', 2)
    seeder.onWant('a', [], 3)
    seeder.peerLeft('a', 4)
    seeder.peerJoined('late', 5, RTT_MS)
    expect(named(seeder.onWant('late', all(2), 5), 'offer', 'late')).toEqual([0, 1])
  })

  test('an offer that leads to nothing goes to somebody else after OFFER_TIMEOUT_MS', () => {
    const pass = offeredToA()
    pass.tick(OFFER_TIMEOUT_MS - 1, false)
    expect(pass.hasOpen).toBe(false)
    pass.tick(OFFER_TIMEOUT_MS, false)
    expect(pass.next(() => true)).toEqual({ peer: 'b', leaf: 0 })
  })

  test('and after OFFER_LATE_MS when the uplink has nothing else to do', () => {
    const { seeder } = swarm(1, ['a', 'b'])
    expect(named(pass(seeder, 0, OFFER_LATE_MS), 'offer', 'b')).toEqual([])
    expect(named(pass(seeder, OFFER_LATE_MS, OFFER_LATE_MS + 400), 'offer', 'b')).toEqual([0])
  })

  test('a peer that takes bytes keeps its leaf for OFFER_MAX_MS, and no longer', () => {
    const pass = offeredToA()
    for (let now = 0; now < OFFER_MAX_MS; now += 1000) {
      pass.progress('a', now)
      pass.tick(now, false)
      expect(pass.hasOpen).toBe(false)
    }
    pass.tick(OFFER_MAX_MS, false)
    expect(pass.hasOpen).toBe(true)
  })

  test('one that owes an answer is offered nothing more', () => {
    const { seeder, effects } = swarm(100, ['a'])
    const first = named(effects, 'offer', 'a').length
    expect(named(pass(seeder, 0, 900), 'offer', 'a')).toEqual([])
    expect(first).toBeGreaterThan(0)
  })
})

describe('the reveal', () => {
  test('comes when every wanted leaf was announced by somebody, to all who want something', () => {
    const { seeder } = swarm(2, ['a', 'b'])
    seeder.setUploadCap(16 * MIB, 0)
    seeder.peerJoined('wants nothing', 0, RTT_MS)
    expect(ofType(take(seeder, 0, 'a', 1), 'have')).toEqual([])
    const effects = take(seeder, 1, 'b', 2)
    expect(named(effects, 'have', 'a')).toEqual([0, 1])
    expect(named(effects, 'have', 'b')).toEqual([0, 1])
    expect(named(effects, 'have', 'wants nothing')).toEqual([])
    // from now on it grants what they lack
    expect([granted(effects, 'a'), granted(effects, 'b')]).toEqual([1, 1])
  })

  test('once, and to late joiners when they say what they want', () => {
    const { seeder } = swarm(1, ['a'])
    take(seeder, 0, 'a', 1)
    expect(ofType(seeder.onHave('a', [0], 2), 'have')).toEqual([])
    seeder.peerJoined('late', 3, RTT_MS)
    expect(named(seeder.onWant('late', [0], 3), 'have', 'late')).toEqual([0])
  })

  test('comes too when nothing was said for REVEAL_IDLE_MS and nothing is offered', () => {
    const { seeder } = swarm(1, ['a'])
    seeder.onPass('a', [0], 0)
    expect(ofType(pass(seeder, 0, REVEAL_IDLE_MS - 1), 'have')).toEqual([])
    expect(named(pass(seeder, REVEAL_IDLE_MS - 1, REVEAL_IDLE_MS + 400), 'have', 'a')).toEqual([0])
  })

  test('then those who passed on what they were given come before those who did not', () => {
    const { seeder } = swarm(6, ['relay', 'rider', 'c'])
    // the relay's leaf reaches another one; the rider's does from here
    take(seeder, 0, 'relay', 1)
    seeder.onHave('c', [0, 2, 3, 4, 5], 2)
    seeder.onPass('relay', all(6), 3)
    seeder.onPass('rider', all(6), 3)
    const effects = [...seeder.onHave('rider', [1], 4), ...pass(seeder, 4, 60)]
    expect(ofType(effects, 'have').length).toBeGreaterThan(0)
    expect(ofType(effects, 'grant')[0]?.peer).toBe('relay')
  })
})

test('who hurries gets what it needs in its turns, and no more of them than others', () => {
  const peers = ['a', 'b', 'c', 'd', 'e']
  const leafCount = 1500
  const pass = new OnceOnly({ leafCount, firstOffer: 0 })
  const turns = new Map(peers.map((peer) => [peer, 0]))
  const given: number[] = []
  for (const peer of peers) {
    pass.join(peer, 0)
    pass.want(peer, fieldOf(leafCount, all(leafCount)), 0)
  }
  for (let now = 1; now <= 1000; now++) {
    pass.hurry('a', given.slice(-64))
    const offer = pass.next(() => true)
    if (offer === undefined) {
      throw new RangeError('nothing is offered')
    }
    pass.place(offer, now)
    turns.set(offer.peer, (turns.get(offer.peer) ?? 0) + 1)
    if (offer.peer === 'a' && now > peers.length) {
      expect(given).toContain(offer.leaf)
    } else {
      given.push(offer.leaf)
    }
  }
  expect([...turns.values()]).toEqual(peers.map(() => 200))
})

test('who hurries alone waits for nobody', () => {
  const pass = offeredToA()
  pass.hurry('b', [0])
  for (let now = 1; now < 10; now++) {
    pass.hurry('b', [0])
    const offer = pass.next((peer) => peer === 'b')
    expect(offer).toEqual({ peer: 'b', leaf: 0 })
    pass.place({ peer: 'b', leaf: 0 }, now)
    pass.pass('b', [0])
  }
})
