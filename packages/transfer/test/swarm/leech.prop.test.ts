import { seededRandom } from '@p2pshare/testkit'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Leech } from '../../src/swarm/leech.ts'
import type { LeechEffect } from '../../src/swarm/leech.ts'
import { LeechRules } from './support/leech-rules.ts'

const PEERS = ['a', 'b', 'c', 'never joined'] as const

const event = fc.record({
  kind: fc.constantFrom(
    ...(['join', 'leave', 'have', 'offer', 'grant', 'reject', 'busy', 'bytes', 'deliver', 'store', 'wrong'] as const),
    ...(['tick', 'tick', 'deliver', 'store', 'have'] as const)
  ),
  peer: fc.constantFrom(...PEERS),
  leaves: fc.array(fc.nat({ max: 29 }), { maxLength: 12 }),
  ms: fc.constantFrom(0, 1, 250, 1000, 5000, 20_000),
  granted: fc.integer({ min: 1, max: 20 })
})
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never

/** A download to which anything happens, with everything that it must not do looked for. */
class Soup {
  readonly machine: Leech
  readonly rules: LeechRules
  readonly #leafCount: number
  readonly #joined = new Set<string>()
  readonly #delivered = new Set<number>()
  now = 0

  constructor(leafCount: number, leafBytes: number) {
    const random = seededRandom(`${leafCount} ${leafBytes}`)
    const missing = Array.from({ length: leafCount }, (_, leaf) => leaf)
    this.#leafCount = leafCount
    this.rules = new LeechRules(() => leafBytes, missing)
    this.machine = new Leech({ leafCount, leafBytes: () => leafBytes, missing, random: () => random.float() })
  }

  apply({ kind, peer, leaves, ms, granted }: Event): void {
    this.now += ms
    const named = [...new Set(leaves.map((leaf) => leaf % this.#leafCount))]
    const [leaf = 0] = named
    switch (kind) {
      case 'join':
        if (peer !== 'never joined') {
          this.rules.joined(peer)
          this.#joined.add(peer)
          this.machine.peerJoined(peer, this.now)
        }
        break
      case 'leave':
        this.rules.left(peer)
        this.#joined.delete(peer)
        this.#check(this.machine.peerLeft(peer, this.now))
        break
      case 'have':
        this.rules.announced(peer, named)
        this.#check(this.machine.onHave(peer, named, this.now))
        break
      case 'offer':
        this.rules.offered(peer, named)
        this.#check(this.machine.onOffer(peer, named, this.now))
        break
      case 'grant':
        this.#grant(peer, granted)
        break
      case 'reject':
      case 'busy':
        for (const each of named) {
          this.rules.failed(peer, each, kind === 'reject')
        }
        this.#check(this.machine.onReject(peer, named, this.now, kind === 'busy'))
        break
      case 'bytes':
        this.machine.onBytes(peer, 100_000, this.now)
        break
      case 'deliver':
        this.#deliver(leaf, peer)
        break
      case 'store':
        this.#store(leaf)
        break
      case 'wrong':
        if (this.machine.isAskedOf(leaf, peer)) {
          this.rules.failed(peer, leaf, false)
        }
        this.#check(this.machine.isAskedOf(leaf, peer) ? this.machine.onWrong(leaf, peer, this.now) : [])
        break
      case 'tick':
        this.#check(this.machine.tick(this.now))
    }
    expect(this.machine.inFlightBytes).toBe(this.rules.inFlightBytes)
  }

  /** From here on, one honest peer is there and serves all it is asked for. */
  finish(): void {
    this.rules.joined('honest')
    this.machine.peerJoined('honest', this.now)
    const everything = Array.from({ length: this.#leafCount }, (_, leaf) => leaf)
    this.rules.announced('honest', everything)
    this.#check(this.machine.onHave('honest', everything, this.now))
    for (let round = 0; round < 2000 && this.machine.missing > 0; round++) {
      this.now += 250
      for (const leaf of everything) {
        if (this.machine.isAskedOf(leaf, 'honest')) {
          this.machine.onBytes('honest', 1000, this.now)
          this.#deliver(leaf, 'honest')
        }
        if (this.#delivered.has(leaf)) {
          this.#store(leaf)
        }
      }
      this.#check(this.machine.tick(this.now))
    }
  }

  #grant(peer: string, leaves: number): void {
    const effects = this.machine.onGrant(peer, leaves, this.now)
    this.#check(effects)
    const asked = effects.flatMap((effect) => (effect.type === 'request' ? effect.leaves : []))
    expect(asked.length).toBeLessThanOrEqual(leaves)
    if (this.#joined.has(peer)) {
      expect(effects.some((effect) => effect.type === 'request' || effect.type === 'pass')).toBe(true)
    }
  }

  #deliver(leaf: number, peer: string): void {
    if (this.machine.isAskedOf(leaf, peer)) {
      this.#delivered.add(leaf)
      this.rules.delivered(leaf)
      this.#check(this.machine.onDelivered(leaf, peer))
    }
  }

  #store(leaf: number): void {
    // now and then one that came from elsewhere
    this.#delivered.delete(leaf)
    this.rules.stored(leaf)
    this.#check(this.machine.onStored(leaf, this.now))
  }

  #check(effects: readonly LeechEffect[]): void {
    this.rules.check(effects)
    for (const effect of effects) {
      if (effect.type === 'drop') {
        this.#joined.delete(effect.peer)
      }
    }
  }
}

test('no order of events, of known and unknown peers, breaks a rule; and one honest peer ends it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 30 }),
      fc.constantFrom(1, 500_000, 2 * 1024 * 1024),
      fc.array(event, { maxLength: 120 }),
      (leafCount, leafBytes, events) => {
        const soup = new Soup(leafCount, leafBytes)
        for (const now of events) {
          soup.apply(now)
        }
        soup.finish()
        expect(soup.machine.missing).toBe(0)
        expect(soup.machine.inFlightBytes).toBe(0)
        // what was offered by peers that are still there has been answered, at the latest when all pauses are over
        soup.now += 60_000
        soup.rules.check(soup.machine.tick(soup.now))
        expect(soup.rules.unanswered).toBe(0)
      }
    ),
    { numRuns: 200 }
  )
})
