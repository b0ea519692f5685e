import { Bitfield } from './bitfield.ts'
import type { PeerKey } from './effects.ts'
import { isBefore, newOfferee } from './offeree.ts'
import type { Offeree } from './offeree.ts'
import { MAX_URGENT_LEAVES, UrgentLeaves } from './urgent-leaves.ts'

/** An offer that led to nothing for this long goes to somebody else. */
export const OFFER_TIMEOUT_MS = 10_000
/** And one that was not announced for this long whatever its receiver does: asking again and again holds no leaf back. */
export const OFFER_MAX_MS = 120_000
/** When nothing else is left to do, an offer that is so late goes to somebody else too: it costs nobody anything. */
export const OFFER_LATE_MS = 1000
/** With no offer outstanding and nothing said for this long, the first pass is over, whatever is missing. */
export const REVEAL_IDLE_MS = 3000

export interface OnceOnlyInit {
  readonly leafCount: number
  /** Where the pass begins, in `[0, leafCount)`: seeders of one share start apart. */
  readonly firstOffer: number
}

/** One leaf for one peer. */
export interface Offer {
  readonly peer: PeerKey
  readonly leaf: number
}

/**
 * Once-only seeding (SPEC.md#uploading): each leaf that somebody wants is offered to one receiver, and to another one
 * only when that led to nothing. The pass is over when every wanted leaf was announced by somebody. Pure.
 */
export class OnceOnly {
  readonly #init: OnceOnlyInit
  readonly #receivers = new Map<PeerKey, Offeree>()
  readonly #announced: Uint16Array
  readonly #wantedBy: Uint16Array
  /** Kept until enough others have the leaf: who is credited with passing it on. */
  readonly #offeredTo = new Map<number, Offeree>()
  /** Wanted by somebody, announced by nobody. */
  readonly #needed: Bitfield
  /** Of those, offered to nobody. */
  readonly #open: Bitfield
  /** Offered whoever else was offered it. */
  readonly #urgent = new UrgentLeaves<Offeree>()
  /** What those have who left with all they wanted; counted as announced once. */
  #elsewhere: Bitfield
  /** Counts leaves that became open. */
  #opened = 0
  #lastActivityAt = 0

  constructor(init: OnceOnlyInit) {
    this.#init = init
    this.#announced = new Uint16Array(init.leafCount)
    this.#wantedBy = new Uint16Array(init.leafCount)
    this.#elsewhere = new Bitfield(init.leafCount)
    this.#needed = new Bitfield(init.leafCount)
    this.#open = new Bitfield(init.leafCount)
  }

  /** Whether every wanted leaf was announced by somebody. */
  get isOver(): boolean {
    return this.#needed.count === 0
  }

  /** Whether some leaf is wanted, announced by nobody and offered to nobody, or urgent for somebody. */
  get hasOpen(): boolean {
    return this.#open.count > 0 || !this.#urgent.isEmpty
  }

  /** Whether there is nothing to wait for, although some leaves were not announced. */
  isIdle(now: number): boolean {
    const quiet = now - this.#lastActivityAt >= REVEAL_IDLE_MS
    return quiet && [...this.#receivers.values()].every((receiver) => receiver.outstanding.size === 0)
  }

  wantsSomething(peer: PeerKey): boolean {
    return (this.#receivers.get(peer)?.wants.count ?? 0) > 0
  }

  /** Whether most of what the peer was given has got around. */
  isRelay(peer: PeerKey): boolean {
    const receiver = this.#receivers.get(peer)
    return receiver !== undefined && receiver.relayed > receiver.unrelayed
  }

  join(peer: PeerKey, now: number): void {
    const { leafCount, firstOffer } = this.#init
    this.#receivers.set(peer, newOfferee(leafCount, firstOffer, now))
    this.#lastActivityAt = now
  }

  /**
   * What only this peer had is to be offered again, unless it left because it had all it wanted: it may serve others still.
   * When nobody is left, the next swarm begins anew.
   */
  leave(peer: PeerKey): void {
    const receiver = this.#receivers.get(peer)
    if (receiver === undefined) {
      return
    }
    this.#receivers.delete(peer)
    this.#urgent.delete(receiver)
    if (receiver.content && this.#receivers.size > 0) {
      this.#remember(receiver.have)
    } else {
      this.#countAll(this.#announced, receiver.have, -1)
    }
    if (this.#receivers.size === 0) {
      this.#countAll(this.#announced, this.#elsewhere, -1)
      this.#elsewhere = new Bitfield(this.#init.leafCount)
    }
    for (const [leaf, offeree] of this.#offeredTo) {
      if (offeree === receiver) {
        this.#offeredTo.delete(leaf)
        this.#refresh(leaf)
      }
    }
    this.#countAll(this.#wantedBy, receiver.wants, -1)
  }

  /** Replaces what the peer said it wants before. */
  want(peer: PeerKey, wants: Bitfield, now: number): void {
    const receiver = this.#receivers.get(peer)
    if (receiver === undefined) {
      return
    }
    this.#countAll(this.#wantedBy, wants, 1)
    this.#countAll(this.#wantedBy, receiver.wants, -1)
    receiver.content = wants.count === 0 && receiver.wants.count > 0
    receiver.wants = wants.copy()
    receiver.takes = wants.copy()
    for (const leaf of [...receiver.outstanding.keys()]) {
      if (!wants.has(leaf)) {
        this.#takeBack(leaf, receiver)
      }
    }
    receiver.dryAt = -1
    this.#lastActivityAt = now
  }

  /** Adds to what the peer said it wants. */
  wantMore(peer: PeerKey, leaves: Iterable<number>, now: number): void {
    const receiver = this.#receivers.get(peer)
    if (receiver === undefined) {
      return
    }
    for (const leaf of leaves) {
      if (receiver.wants.set(leaf)) {
        receiver.takes.set(leaf)
        this.#count(this.#wantedBy, leaf, 1)
      }
    }
    receiver.dryAt = -1
    this.#lastActivityAt = now
  }

  /**
   * Of what the peer wants, what it needs soon, in place of what it said before. When it is its turn it is offered these
   * first, whoever else was offered them. It has no more turns for that: each such leaf is one to pass on for somebody else, so all
   * others who can take one have a turn before it has the next.
   */
  hurry(peer: PeerKey, leaves: Iterable<number>): void {
    const receiver = this.#receivers.get(peer)
    const wanted: number[] = []
    for (const leaf of receiver === undefined ? [] : leaves) {
      if (wanted.length === MAX_URGENT_LEAVES) {
        break // a peer can name millions
      }
      if (receiver?.wants.has(leaf) === true) {
        receiver.takes.set(leaf) // it may have passed it when it was not urgent
        wanted.push(leaf)
      }
    }
    if (receiver !== undefined) {
      this.#urgent.set(receiver, wanted)
    }
  }

  announce(peer: PeerKey, leaf: number, now: number): void {
    const receiver = this.#receivers.get(peer)
    if (receiver?.have.set(leaf) === true) {
      this.#count(this.#announced, leaf, 1)
      this.#creditRelay(leaf)
      receiver.outstanding.delete(leaf)
      this.#lastActivityAt = now
    }
  }

  /** The peer does not want what it was offered: not from here, or not now. */
  pass(peer: PeerKey, leaves: Iterable<number>): void {
    const receiver = this.#receivers.get(peer)
    if (receiver === undefined) {
      return
    }
    for (const leaf of leaves) {
      if (receiver.outstanding.has(leaf)) {
        receiver.takes.clear(leaf)
        this.#takeBack(leaf, receiver)
      }
    }
  }

  /** The peer asked for a leaf. If it was offered to another one, that one has not passed it on. */
  request(peer: PeerKey, leaf: number): void {
    const receiver = this.#offeredTo.get(leaf)
    if (receiver !== undefined && receiver !== this.#receivers.get(peer)) {
      this.#discharge(leaf, receiver)
    }
  }

  /** The peer asked for leaves, or took bytes: it is at work. */
  progress(peer: PeerKey, now: number): void {
    const receiver = this.#receivers.get(peer)
    if (receiver !== undefined && receiver.outstanding.size > 0) {
      receiver.progressAt = now
      this.#lastActivityAt = now
    }
  }

  /** Offers that led nowhere count as passed; late ones too when the uplink has nothing to do. */
  tick(now: number, idle: boolean): void {
    for (const [peer, receiver] of this.#receivers) {
      const late: number[] = []
      for (const [leaf, at] of receiver.outstanding) {
        const spare = idle && now - at >= OFFER_LATE_MS && (this.#wantedBy[leaf] ?? 0) > 1
        const quiet = now - Math.max(at, receiver.progressAt) >= OFFER_TIMEOUT_MS
        if (spare || quiet || now - at >= OFFER_MAX_MS) {
          late.push(leaf)
        }
      }
      receiver.failed += late.length
      this.pass(peer, late)
    }
  }

  /**
   * The next leaf to offer, and to whom: of those that are `eligible` the one with the fewest leaves that did not get
   * around, then the one offered to longest ago; who hurried comes after all that did not. It is offered when `place` is called.
   */
  next(eligible: (peer: PeerKey) => boolean): Offer | undefined {
    const passed = new Set<Offeree>()
    for (let first = this.#first(eligible, passed); first !== undefined; first = this.#first(eligible, passed)) {
      const [peer, receiver] = first
      const leaf = this.#nextFor(receiver)
      if (leaf !== undefined) {
        return { peer, leaf }
      }
      passed.add(receiver)
    }
    return undefined
  }

  place({ peer, leaf }: Offer, now: number): void {
    const receiver = this.#receivers.get(peer)
    if (receiver === undefined) {
      return
    }
    if (this.#open.clear(leaf)) {
      this.#offeredTo.set(leaf, receiver)
      receiver.unrelayed++
      // after an urgent one the pass goes on where it was
      receiver.cursor = this.#urgent.has(receiver, leaf) ? receiver.cursor : leaf + 1
    } else {
      receiver.waits = this.#receivers.size
    }
    for (const other of this.#receivers.values()) {
      other.waits = Math.max(0, other.waits - 1)
    }
    this.#urgent.offered(receiver, leaf)
    receiver.outstanding.set(leaf, now)
    receiver.lastOfferAt = now
  }

  #first(eligible: (peer: PeerKey) => boolean, without: ReadonlySet<Offeree>): [PeerKey, Offeree] | undefined {
    let best: [PeerKey, Offeree] | undefined
    for (const entry of this.#receivers) {
      const [peer, receiver] = entry
      if (!without.has(receiver) && (best === undefined || isBefore(receiver, best[1])) && eligible(peer)) {
        best = entry
      }
    }
    return best
  }

  /** What the receiver needs soon, else the next open leaf in order that it takes. */
  #nextFor(receiver: Offeree): number | undefined {
    const urgent = this.#urgent.isEmpty ? undefined : this.#nextUrgent(receiver)
    if (urgent !== undefined) {
      return urgent
    }
    if (this.#open.count === 0 || receiver.dryAt === this.#opened) {
      return undefined
    }
    const { takes, cursor } = receiver
    const leaf = this.#open.nextCommon(takes, cursor) ?? this.#open.nextCommon(takes, 0)
    if (leaf === undefined) {
      receiver.dryAt = this.#opened
    }
    return leaf
  }

  #nextUrgent(receiver: Offeree): number | undefined {
    const { takes, have, outstanding } = receiver
    return this.#urgent.next(receiver, (leaf) => takes.has(leaf) && !have.has(leaf) && !outstanding.has(leaf))
  }

  /** The offer is void; the leaf goes to somebody else if nobody has it yet. */
  #takeBack(leaf: number, receiver: Offeree): void {
    receiver.outstanding.delete(leaf)
    this.#discharge(leaf, receiver)
    this.#refresh(leaf)
  }

  /** One more peer has the leaf. When half of those that want it have, two at least, it got around. */
  #creditRelay(leaf: number): void {
    const receiver = this.#offeredTo.get(leaf)
    const wanted = Math.max(this.#wantedBy[leaf] ?? 0, 1)
    const enough = Math.min(Math.max(2, 1 + Math.ceil((wanted - 1) / 2)), wanted)
    if (receiver !== undefined && (this.#announced[leaf] ?? 0) >= enough) {
      this.#discharge(leaf, receiver)
      receiver.relayed++
    }
  }

  #discharge(leaf: number, receiver: Offeree): void {
    if (this.#offeredTo.get(leaf) === receiver) {
      this.#offeredTo.delete(leaf)
      receiver.unrelayed--
    }
  }

  #remember(have: Bitfield): void {
    for (const leaf of have.indices()) {
      if (!this.#elsewhere.set(leaf)) {
        this.#count(this.#announced, leaf, -1)
      }
    }
  }

  #countAll(counts: Uint16Array, field: Bitfield, by: 1 | -1): void {
    for (const { start, count } of field.ranges()) {
      for (let leaf = start; leaf < start + count; leaf++) {
        this.#count(counts, leaf, by)
      }
    }
  }

  #count(counts: Uint16Array, leaf: number, by: 1 | -1): void {
    counts[leaf] = (counts[leaf] ?? 0) + by
    this.#refresh(leaf)
  }

  /** Put the leaf into the sets that its counts and offers say. */
  #refresh(leaf: number): void {
    if (this.#wantedBy[leaf] === 0 || this.#announced[leaf] !== 0) {
      this.#needed.clear(leaf)
      this.#open.clear(leaf)
      return
    }
    this.#needed.set(leaf)
    if (this.#offeredTo.has(leaf)) {
      this.#open.clear(leaf)
    } else if (this.#open.set(leaf)) {
      this.#opened++
    }
  }
}
