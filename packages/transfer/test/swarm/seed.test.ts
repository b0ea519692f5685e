import { describe, expect, test } from 'vitest'
import { Bitfield } from '../../src/swarm/bitfield.ts'
import { OFFER_MAX_MS, OFFER_TIMEOUT_MS, REVEAL_IDLE_MS } from '../../src/swarm/first-pass.ts'
import { Seed } from '../../src/swarm/seed.ts'
import type { SeedEffect } from '../../src/swarm/seed.ts'
import { OFFER_WINDOW } from '../../src/swarm/window.ts'

const MIB = 1024 * 1024

function fieldOf(length: number, leaves: Iterable<number>): Bitfield {
  const field = new Bitfield(length)
  for (const leaf of leaves) {
    field.set(leaf)
  }
  return field
}

function seeder(leafCount: number, { firstOffer = 0, leafBytes = MIB } = {}): Seed {
  return new Seed({ leafCount, leafBytes: () => leafBytes, have: Bitfield.full(leafCount), firstOffer })
}

/** A seeder and peers that want everything. */
function pass(leafCount: number, peers: readonly string[], options = {}): { seed: Seed; offers: SeedEffect[] } {
  const seed = seeder(leafCount, options)
  const offers = peers.flatMap((peer) => [
    ...seed.peerJoined(peer, 0),
    ...seed.onWant(peer, Bitfield.full(leafCount), 0)
  ])
  return { seed, offers }
}

function leaves(effects: readonly SeedEffect[], type: SeedEffect['type'], peer: string): number[] {
  return effects
    .filter((effect) => effect.type === type && effect.peer === peer)
    .flatMap(({ ranges }) => ranges)
    .flatMap(({ start, count }) => Array.from({ length: count }, (_, at) => start + at))
}

describe('a node that is still fetching', () => {
  const partial = (): Seed =>
    new Seed({ leafCount: 5, leafBytes: () => MIB, have: fieldOf(5, [1, 2, 4]), firstOffer: 0 })

  test('shows what it has to everybody, and what it stores as it comes', () => {
    const seed = partial()
    expect(seed.onceOnly).toBe(false)
    expect(seed.peerJoined('a', 0)).toEqual([
      {
        type: 'have',
        peer: 'a',
        ranges: [
          { start: 1, count: 2 },
          { start: 4, count: 1 }
        ]
      }
    ])
    expect(seed.onStored([3, 0])).toEqual([
      {
        type: 'have',
        peer: 'a',
        ranges: [
          { start: 0, count: 1 },
          { start: 3, count: 1 }
        ]
      }
    ])
    expect(leaves(seed.peerJoined('b', 1), 'have', 'b')).toEqual([0, 1, 2, 3, 4])
  })

  test('never offers, not even when it is complete', () => {
    const seed = partial()
    seed.peerJoined('a', 0)
    seed.onStored([0, 3])
    expect(seed.onWant('a', Bitfield.full(5), 0)).toEqual([])
    expect(seed.tick(60_000)).toEqual([])
  })

  test('with nothing, says nothing', () => {
    const seed = new Seed({ leafCount: 5, leafBytes: () => MIB, have: new Bitfield(5), firstOffer: 0 })
    expect(seed.peerJoined('a', 0)).toEqual([])
  })
})

describe('the first pass', () => {
  test('a peer hears nothing before it says what it wants', () => {
    const seed = seeder(5)
    expect(seed.onceOnly).toBe(true)
    expect(seed.peerJoined('a', 0)).toEqual([])
    expect(seed.onWant('a', new Bitfield(5), 0)).toEqual([])
    expect(leaves(seed.onWant('a', fieldOf(5, [3]), 0), 'offer', 'a')).toEqual([3])
  })

  test('each leaf is offered to one peer only', () => {
    const { offers } = pass(40, ['a', 'b', 'c'], { leafBytes: 100 * 1024 })
    const all = ['a', 'b', 'c'].flatMap((peer) => leaves(offers, 'offer', peer))
    expect(new Set(all).size).toBe(all.length)
  })

  test('it begins at firstOffer and goes round', () => {
    const { offers } = pass(5, ['a'], { firstOffer: 3, leafBytes: 1000 })
    expect(leaves(offers, 'offer', 'a')).toEqual([0, 1, 2, 3, 4])
    const narrow = pass(5, ['a'], { firstOffer: 3, leafBytes: OFFER_WINDOW.minBytes })
    expect(leaves(narrow.offers, 'offer', 'a')).toEqual([3])
    narrow.seed.onHave('a', [0, 1], 10)
    expect(leaves(narrow.seed.onHave('a', [3], 10), 'offer', 'a')).toEqual([2, 4])
  })

  test('the window bounds what is offered and not announced, by bytes and by number', () => {
    expect(leaves(pass(100, ['a'], { leafBytes: OFFER_WINDOW.minBytes / 4 }).offers, 'offer', 'a')).toHaveLength(4)
    const small = pass(2000, ['a'], { leafBytes: 1 })
    expect(leaves(small.offers, 'offer', 'a')).toHaveLength(OFFER_WINDOW.maxLeaves)
  })

  test('a leaf goes to the peer with the fewest that it has not passed on', () => {
    const { seed } = pass(3, ['a', 'b'], { leafBytes: OFFER_WINDOW.minBytes })
    seed.peerJoined('c', 0)
    seed.onHave('c', [2], 1)
    // both have room; what b was offered has reached another, what a was offered has not
    seed.onHave('a', [0], 2)
    seed.onHave('b', [1], 2)
    seed.onHave('a', [1], 3)
    expect(leaves(seed.peerLeft('c', 4), 'offer', 'b')).toEqual([2])
  })

  test('a passed leaf goes to another peer, and not to the same again', () => {
    const { seed } = pass(1, ['a', 'b'])
    expect(leaves(seed.onPass('a', [0], 1), 'offer', 'b')).toEqual([0])
    expect(seed.onPass('b', [0], 2)).toEqual([])
    expect(seed.onPass('a', [0], 3)).toEqual([])
  })

  test('one that changes its mind is offered again what it passed', () => {
    const { seed } = pass(1, ['a'])
    seed.onPass('a', [0], 1)
    expect(leaves(seed.onWant('a', Bitfield.full(1), 2), 'offer', 'a')).toEqual([0])
  })

  test('one that wants more is offered more', () => {
    const seed = seeder(6)
    seed.peerJoined('a', 0)
    expect(leaves(seed.onWant('a', fieldOf(6, [1]), 0), 'offer', 'a')).toEqual([1])
    seed.onHave('a', [1], 1)
    expect(leaves(seed.onMoreWant('a', [1, 4], 2), 'offer', 'a')).toEqual([4])
  })

  test('what a peer no longer wants goes to one that does', () => {
    const { seed } = pass(1, ['a', 'b'])
    expect(leaves(seed.onWant('a', new Bitfield(1), 1), 'offer', 'b')).toEqual([0])
  })

  test('what a leaving peer was offered, or alone announced, is offered again', () => {
    const { seed } = pass(3, ['a', 'b'], { leafBytes: 1000 })
    // all went to a, which came first; 0 has arrived there
    seed.onHave('a', [0], 1)
    expect(leaves(seed.peerLeft('a', 2), 'offer', 'b')).toEqual([0, 1, 2])
  })

  test('what others announced is not', () => {
    const { seed } = pass(3, ['a', 'b', 'c'], { leafBytes: 1000 })
    seed.onHave('a', [0], 1)
    seed.onHave('c', [0, 1], 1)
    expect(leaves(seed.peerLeft('a', 2), 'offer', 'b')).toEqual([2])
  })

  test('an offer without an answer goes to another after OFFER_TIMEOUT_MS, and progress puts that off', () => {
    const { seed } = pass(1, ['a', 'b'])
    expect(seed.tick(OFFER_TIMEOUT_MS - 1)).toEqual([])
    seed.onProgress('a', OFFER_TIMEOUT_MS - 1)
    expect(seed.tick(OFFER_TIMEOUT_MS)).toEqual([])
    expect(leaves(seed.tick(2 * OFFER_TIMEOUT_MS - 1), 'offer', 'b')).toEqual([0])
  })

  test('but not for ever: after OFFER_MAX_MS it goes whatever the peer does', () => {
    const { seed } = pass(1, ['a', 'b'])
    for (let now = 0; now < OFFER_MAX_MS; now += 1000) {
      seed.onProgress('a', now)
      expect(seed.tick(now)).toEqual([])
    }
    seed.onProgress('a', OFFER_MAX_MS)
    expect(leaves(seed.tick(OFFER_MAX_MS), 'offer', 'b')).toEqual([0])
  })

  test('a peer whose window is full keeps nothing from one that wants something else', () => {
    const seed = seeder(8)
    seed.peerJoined('slow', 0)
    seed.peerJoined('other', 0)
    seed.onWant('slow', fieldOf(8, [0, 1, 2, 3]), 0)
    expect(leaves(seed.onWant('other', fieldOf(8, [6, 7]), 0), 'offer', 'other')).toEqual([6])
  })
})

describe('the reveal', () => {
  test('comes when every wanted leaf was announced by somebody', () => {
    const { seed } = pass(2, ['a', 'b'], { leafBytes: 1000 })
    expect(seed.onHave('a', [0], 1)).toEqual([])
    const effects = seed.onHave('b', [1], 2)
    expect(leaves(effects, 'have', 'a')).toEqual([0, 1])
    expect(leaves(effects, 'have', 'b')).toEqual([0, 1])
    expect(seed.onHave('a', [1], 3)).toEqual([])
  })

  test('is not for a peer that wants nothing', () => {
    const { seed } = pass(1, ['a'])
    seed.peerJoined('b', 0)
    const effects = seed.onHave('a', [0], 1)
    expect(effects.map(({ peer }) => peer)).toEqual(['a'])
  })

  test('is at once for one that comes later, unless something it wants was announced by nobody', () => {
    const { seed } = pass(2, ['a'], { leafBytes: 1000 })
    seed.onHave('a', [0, 1], 1)
    seed.peerJoined('b', 2)
    expect(leaves(seed.onWant('b', Bitfield.full(2), 2), 'have', 'b')).toEqual([0, 1])
    seed.peerLeft('a', 3)
    seed.peerJoined('c', 4)
    const effects = seed.onWant('c', Bitfield.full(2), 4)
    expect(leaves(effects, 'have', 'c')).toEqual([])
  })

  test('leaves nobody wants are not waited for', () => {
    const seed = seeder(5)
    seed.peerJoined('a', 0)
    seed.onWant('a', fieldOf(5, [2]), 0)
    expect(leaves(seed.onHave('a', [2], 1), 'have', 'a')).toEqual([0, 1, 2, 3, 4])
  })

  test('comes after REVEAL_IDLE_MS when nobody takes what is left', () => {
    const { seed } = pass(2, ['a'], { leafBytes: 1000 })
    seed.onPass('a', [0, 1], 0)
    expect(seed.tick(REVEAL_IDLE_MS - 1)).toEqual([])
    expect(leaves(seed.tick(REVEAL_IDLE_MS), 'have', 'a')).toEqual([0, 1])
  })

  test('does not come while an offer is being worked on, however slowly', () => {
    const { seed } = pass(4, ['a'])
    for (let now = 0; now < 60_000; now += 5000) {
      seed.onProgress('a', now)
      expect(seed.tick(now + 4999)).toEqual([])
    }
  })
})

test('whoever is not connected is not heard, and joining twice changes nothing', () => {
  const { seed } = pass(2, ['a'], { leafBytes: 1000 })
  expect(seed.peerJoined('a', 1)).toEqual([])
  expect([
    seed.onWant('x', Bitfield.full(2), 1),
    seed.onMoreWant('x', [0], 1),
    seed.onHave('x', [0, 1], 1),
    seed.onPass('x', [0], 1),
    seed.peerLeft('x', 1)
  ]).toEqual([[], [], [], [], []])
  seed.onProgress('x', 1)
  expect(leaves(seed.onHave('a', [0, 1], 2), 'have', 'a')).toEqual([0, 1])
})
