import { toRanges } from './bitfield.ts'
import type { Bitfield, Range } from './bitfield.ts'
import { FirstPass } from './first-pass.ts'
import type { PeerKey } from './leech.ts'

/** What the upload side wants said. */
export interface SeedEffect {
  readonly type: 'have' | 'offer'
  readonly peer: PeerKey
  readonly ranges: readonly Range[]
}

export interface SeedInit {
  readonly leafCount: number
  leafBytes(leaf: number): number
  /** Canonical leaves held when the machine is made. Belongs to the machine from then on. */
  readonly have: Bitfield
  /** Where the first pass begins, in `[0, leafCount)`: seeders of one share start apart. */
  readonly firstOffer: number
}

/**
 * The upload side of one share: who is shown what (SPEC.md#uploading). A node that held everything from the start
 * offers each leaf to one receiver only (`FirstPass`), and shows its whole map when every wanted leaf was announced by
 * somebody. A node that is still fetching shows all it has. Pure: effects are returned.
 */
export class Seed {
  readonly #have: Bitfield
  /** Decides once: a leecher that completes stays a plain uploader. */
  readonly #pass: FirstPass | undefined
  /** Whether each peer was shown the whole map. */
  readonly #revealed = new Map<PeerKey, boolean>()

  constructor(init: SeedInit) {
    this.#have = init.have
    if (init.have.count === init.leafCount) {
      this.#pass = new FirstPass(init)
    }
  }

  get onceOnly(): boolean {
    return this.#pass !== undefined
  }

  peerJoined(peer: PeerKey, now: number): SeedEffect[] {
    if (this.#revealed.has(peer)) {
      return []
    }
    this.#revealed.set(peer, this.#pass === undefined)
    this.#pass?.join(peer, now)
    return this.#pass === undefined ? this.#show(peer) : []
  }

  peerLeft(peer: PeerKey, now: number): SeedEffect[] {
    this.#revealed.delete(peer)
    this.#pass?.leave(peer)
    return this.#proceed(now)
  }

  /** Replaces what the peer said it wants before. `wants` belongs to the machine from then on. */
  onWant(peer: PeerKey, wants: Bitfield, now: number): SeedEffect[] {
    this.#pass?.want(peer, wants, now)
    return this.#proceed(now)
  }

  /** Adds to what the peer said it wants (canonical indices). */
  onMoreWant(peer: PeerKey, leaves: Iterable<number>, now: number): SeedEffect[] {
    this.#pass?.wantMore(peer, leaves, now)
    return this.#proceed(now)
  }

  /** The peer announced leaves (canonical indices). */
  onHave(peer: PeerKey, leaves: Iterable<number>, now: number): SeedEffect[] {
    this.#pass?.announce(peer, leaves, now)
    return this.#proceed(now)
  }

  onPass(peer: PeerKey, leaves: Iterable<number>, now: number): SeedEffect[] {
    this.#pass?.pass(peer, leaves)
    return this.#proceed(now)
  }

  /** The peer asked for leaves, or took bytes: it is at work. */
  onProgress(peer: PeerKey, now: number): void {
    this.#pass?.progress(peer, now)
  }

  /** This node verified and stored leaves. */
  onStored(leaves: readonly number[]): SeedEffect[] {
    for (const leaf of leaves) {
      this.#have.set(leaf)
    }
    const ranges = toRanges(leaves)
    return [...this.#revealed].flatMap(([peer, revealed]) => (revealed ? [{ type: 'have', peer, ranges }] : []))
  }

  /** Called a few times a second: offers that led nowhere, and a first pass that does not end. */
  tick(now: number): SeedEffect[] {
    this.#pass?.tick(now)
    return [...this.#proceed(now), ...(this.#pass?.isIdle(now) === true ? this.#reveal(this.#pass) : [])]
  }

  #proceed(now: number): SeedEffect[] {
    if (this.#pass === undefined) {
      return []
    }
    if (this.#pass.isOver) {
      return this.#reveal(this.#pass)
    }
    return [...this.#pass.offer(now)].map(([peer, leaves]) => ({ type: 'offer', peer, ranges: toRanges(leaves) }))
  }

  #reveal(pass: FirstPass): SeedEffect[] {
    const effects: SeedEffect[] = []
    for (const [peer, revealed] of this.#revealed) {
      if (!revealed && pass.wantsSomething(peer)) {
        this.#revealed.set(peer, true)
        effects.push(...this.#show(peer))
      }
    }
    return effects
  }

  #show(peer: PeerKey): SeedEffect[] {
    return this.#have.count > 0 ? [{ type: 'have', peer, ranges: [...this.#have.ranges()] }] : []
  }
}
