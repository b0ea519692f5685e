import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Bitfield } from '../../src/swarm/bitfield.ts'
import type { Range } from '../../src/swarm/bitfield.ts'
import { OFFER_MAX_MS, OFFER_TIMEOUT_MS, REVEAL_IDLE_MS } from '../../src/swarm/first-pass.ts'
import { Seed } from '../../src/swarm/seed.ts'
import type { SeedEffect } from '../../src/swarm/seed.ts'
import { OFFER_WINDOW } from '../../src/swarm/window.ts'

const LEAVES = 24

const event = fc.record({
  kind: fc.constantFrom(
    ...(['join', 'leave', 'want', 'more', 'have', 'have', 'pass', 'progress', 'tick', 'tick'] as const)
  ),
  peer: fc.constantFrom('a', 'b', 'c', 'd'),
  leaves: fc.array(fc.nat({ max: LEAVES - 1 }), { maxLength: 10 }),
  everything: fc.boolean(),
  ms: fc.constantFrom(0, 1, 250, 2000, 4000)
})
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never

interface Peer {
  wants: Set<number>
  readonly have: Set<number>
  readonly passed: Set<number>
  /** Leaf -> when. Those that timed out are still in here. */
  readonly offered: Map<number, number>
  revealed: boolean
}

const expand = (ranges: readonly Range[]): number[] =>
  ranges.flatMap(({ start, count }) => Array.from({ length: count }, (_, at) => start + at))

/** A once-only seeder to which anything happens. */
class Soup {
  readonly machine: Seed
  readonly #leafBytes: number
  readonly #peers = new Map<string, Peer>()
  now = 0
  #lastActivityAt = 0

  constructor(leafBytes: number, firstOffer: number) {
    this.#leafBytes = leafBytes
    this.machine = new Seed({ leafCount: LEAVES, leafBytes: () => leafBytes, have: Bitfield.full(LEAVES), firstOffer })
  }

  get peers(): Array<[string, Peer]> {
    return [...this.#peers]
  }

  apply({ kind, peer, leaves, everything, ms }: Event): SeedEffect[] {
    this.now += ms
    const named = everything ? Array.from({ length: LEAVES }, (_, leaf) => leaf) : leaves
    const known = this.#peers.get(peer)
    // a leaf that is passed and a peer that leaves are no reason to wait
    if (kind === 'join' || (known !== undefined && !['tick', 'pass', 'leave'].includes(kind))) {
      this.#lastActivityAt = this.now
    }
    switch (kind) {
      case 'join':
        this.#peers.set(
          peer,
          known ?? { wants: new Set(), have: new Set(), passed: new Set(), offered: new Map(), revealed: false }
        )
        return this.#check(this.machine.peerJoined(peer, this.now))
      case 'leave':
        this.#peers.delete(peer)
        return this.#check(this.machine.peerLeft(peer, this.now))
      case 'want': {
        const wants = new Bitfield(LEAVES)
        named.forEach((leaf) => wants.set(leaf))
        if (known !== undefined) {
          known.wants = new Set(named)
          known.passed.clear()
          this.#keep(known, (leaf) => wants.has(leaf))
        }
        return this.#check(this.machine.onWant(peer, wants, this.now))
      }
      case 'more':
        named.forEach((leaf) => known?.wants.add(leaf))
        return this.#check(this.machine.onMoreWant(peer, named, this.now))
      case 'have':
        named.forEach((leaf) => {
          known?.have.add(leaf)
          known?.offered.delete(leaf)
        })
        return this.#check(this.machine.onHave(peer, named, this.now))
      case 'pass':
        for (const leaf of named) {
          if (known?.offered.delete(leaf) === true) {
            known.passed.add(leaf)
          }
        }
        return this.#check(this.machine.onPass(peer, named, this.now))
      case 'progress':
        this.machine.onProgress(peer, this.now)
        return []
      case 'tick':
        return this.#check(this.machine.tick(this.now))
    }
  }

  #keep(peer: Peer, kept: (leaf: number) => boolean): void {
    for (const leaf of [...peer.offered.keys()]) {
      if (!kept(leaf)) {
        peer.offered.delete(leaf)
      }
    }
  }

  #check(effects: SeedEffect[]): SeedEffect[] {
    for (const effect of effects) {
      const peer = this.#peers.get(effect.peer)
      expect(peer, `${effect.type} to ${effect.peer}, which is not connected`).toBeDefined()
      if (peer === undefined) {
        continue
      }
      if (effect.type === 'have') {
        this.#checkReveal(peer)
        continue
      }
      for (const leaf of expand(effect.ranges)) {
        this.#checkOffer(effect.peer, peer, leaf)
      }
    }
    return effects
  }

  #checkOffer(key: string, peer: Peer, leaf: number): void {
    expect(peer.wants.has(leaf), `${leaf} was offered to ${key}, which does not want it`).toBe(true)
    expect(peer.passed.has(leaf), `${leaf} was offered again to ${key}, which passed it`).toBe(false)
    for (const [other, { have, offered }] of this.#peers) {
      expect(have.has(leaf), `${leaf} was offered although ${other} announced it`).toBe(false)
      // an offer that timed out is the only one that may be outstanding elsewhere
      if (offered.delete(leaf)) {
        expect(this.now, `${leaf} was offered to ${key} while ${other} had it`).toBeGreaterThanOrEqual(OFFER_TIMEOUT_MS)
        this.#peers.get(other)?.passed.add(leaf)
      }
    }
    peer.offered.set(leaf, this.now)
    const outstanding = [...peer.offered.values()].filter((at) => this.now - at < OFFER_TIMEOUT_MS).length
    expect(outstanding * this.#leafBytes).toBeLessThan(OFFER_WINDOW.maxBytes + this.#leafBytes)
  }

  #checkReveal(peer: Peer): void {
    expect(peer.revealed, 'revealed twice').toBe(false)
    expect(peer.wants.size, 'revealed to one that wants nothing').toBeGreaterThan(0)
    peer.revealed = true
    const wanted = new Set([...this.#peers.values()].flatMap(({ wants }) => [...wants]))
    const announced = new Set([...this.#peers.values()].flatMap(({ have }) => [...have]))
    const over = [...wanted].every((leaf) => announced.has(leaf))
    const idle = this.now - this.#lastActivityAt >= REVEAL_IDLE_MS
    expect(over || idle, 'revealed before the end of the first pass').toBe(true)
  }
}

test('no order of events breaks a rule of the first pass; and in the end everything is shown', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(1, 400_000, 2 * 1024 * 1024),
      fc.nat({ max: LEAVES - 1 }),
      fc.array(event, { maxLength: 150 }),
      (leafBytes, firstOffer, events) => {
        const soup = new Soup(leafBytes, firstOffer)
        for (const each of events) {
          soup.apply(each)
        }
        const tick: Event = { kind: 'tick', peer: 'a', leaves: [], everything: false, ms: 4000 }
        // nobody says anything more: every offer times out, at every peer in turn
        for (let now = 0; now < 6 * OFFER_MAX_MS; now += tick.ms) {
          soup.apply(tick)
        }
        for (const [, { wants, revealed }] of soup.peers) {
          expect(revealed || wants.size === 0).toBe(true)
        }
      }
    ),
    { numRuns: 200 }
  )
})
