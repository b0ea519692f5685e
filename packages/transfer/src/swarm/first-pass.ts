import { Bitfield } from './bitfield.ts'
import type { PeerKey } from './leech.ts'
import { Rate } from './rate.ts'
import { OFFER_WINDOW, windowBytes } from './window.ts'

/** An offer that led to nothing for this long goes to somebody else. */
export const OFFER_TIMEOUT_MS = 10_000
/** And one that was not announced for this long whatever its receiver does: asking again and again holds no leaf back. */
export const OFFER_MAX_MS = 120_000
/** With no offer outstanding and nothing said for this long, the first pass is over, whatever is missing. */
export const REVEAL_IDLE_MS = 3000

export interface FirstPassInit {
  readonly leafCount: number
  leafBytes(leaf: number): number
  /** Where the pass begins, in `[0, leafCount)`: seeders of one share start apart. */
  readonly firstOffer: number
}

interface Receiver {
  wants: Bitfield
  /** What it wants and did not pass. */
  takes: Bitfield
  readonly have: Bitfield
  readonly rate: Rate
  /** Offered and neither announced nor passed: leaf -> when. */
  readonly outstanding: Map<number, number>
  outstandingBytes: number
  /** Leaves offered to it that too few others have yet. */
  unrelayed: number
  lastOfferAt: number
  /** When it last asked for something, or took bytes. */
  progressAt: number
  cursor: number
  /** `#opened` when the last search found nothing for it. */
  dryAt: number
}

/**
 * Once-only seeding (SPEC.md#uploading): each leaf that somebody wants is offered to one receiver, and to another one
 * only when that led to nothing. The pass is over when every wanted leaf was announced by somebody. Pure.
 */
export class FirstPass {
  readonly #init: FirstPassInit
  readonly #receivers = new Map<PeerKey, Receiver>()
  readonly #announced: Uint16Array
  readonly #wantedBy: Uint16Array
  /** Kept until enough others have the leaf: who is credited with passing it on. */
  readonly #offeredTo = new Map<number, Receiver>()
  /** Wanted by somebody, announced by nobody. */
  readonly #needed: Bitfield
  /** Of those, offered to nobody. */
  readonly #open: Bitfield
  /** Counts leaves that became open. */
  #opened = 0
  #lastActivityAt = 0

  constructor(init: FirstPassInit) {
    this.#init = init
    this.#announced = new Uint16Array(init.leafCount)
    this.#wantedBy = new Uint16Array(init.leafCount)
    this.#needed = new Bitfield(init.leafCount)
    this.#open = new Bitfield(init.leafCount)
  }

  /** Whether every wanted leaf was announced by somebody. */
  get isOver(): boolean {
    return this.#needed.count === 0
  }

  /** Whether there is nothing to wait for, although some leaves were not announced. */
  isIdle(now: number): boolean {
    const quiet = now - this.#lastActivityAt >= REVEAL_IDLE_MS
    return quiet && [...this.#receivers.values()].every((receiver) => receiver.outstanding.size === 0)
  }

  wantsSomething(peer: PeerKey): boolean {
    return (this.#receivers.get(peer)?.wants.count ?? 0) > 0
  }

  join(peer: PeerKey, now: number): void {
    const { leafCount, firstOffer } = this.#init
    this.#receivers.set(peer, {
      wants: new Bitfield(leafCount),
      takes: new Bitfield(leafCount),
      have: new Bitfield(leafCount),
      rate: new Rate(now),
      outstanding: new Map(),
      outstandingBytes: 0,
      unrelayed: 0,
      lastOfferAt: -Infinity,
      progressAt: now,
      cursor: firstOffer,
      dryAt: -1
    })
    this.#lastActivityAt = now
  }

  leave(peer: PeerKey): void {
    const receiver = this.#receivers.get(peer)
    if (receiver === undefined) {
      return
    }
    this.#receivers.delete(peer)
    for (const [leaf, offeree] of this.#offeredTo) {
      if (offeree === receiver) {
        this.#offeredTo.delete(leaf)
        this.#refresh(leaf)
      }
    }
    this.#countAll(this.#announced, receiver.have, -1)
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
    receiver.wants = wants
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

  announce(peer: PeerKey, leaves: Iterable<number>, now: number): void {
    const receiver = this.#receivers.get(peer)
    if (receiver === undefined) {
      return
    }
    for (const leaf of leaves) {
      if (receiver.have.set(leaf)) {
        this.#count(this.#announced, leaf, 1)
        this.#creditRelay(leaf)
        if (settle(leaf, receiver, this.#init.leafBytes(leaf))) {
          receiver.rate.add(this.#init.leafBytes(leaf), now)
        }
      }
    }
    this.#lastActivityAt = now
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

  /** The peer asked for leaves, or took bytes: it is at work. */
  progress(peer: PeerKey, now: number): void {
    const receiver = this.#receivers.get(peer)
    if (receiver !== undefined) {
      receiver.progressAt = now
      this.#lastActivityAt = now
    }
  }

  /** Offers that led nowhere count as passed. */
  tick(now: number): void {
    for (const [peer, receiver] of this.#receivers) {
      const late: number[] = []
      for (const [leaf, at] of receiver.outstanding) {
        if (now - Math.max(at, receiver.progressAt) >= OFFER_TIMEOUT_MS || now - at >= OFFER_MAX_MS) {
          late.push(leaf)
        }
      }
      this.pass(peer, late)
    }
  }

  /** What to offer now, by peer. Counts as offered. */
  offer(now: number): Map<PeerKey, number[]> {
    const offers = new Map<PeerKey, number[]>()
    const ready = new Map([...this.#receivers].filter(([, receiver]) => hasRoom(receiver, now)))
    for (let next = first(ready); next !== undefined; next = first(ready)) {
      const [peer, receiver] = next
      const leaf = this.#nextFor(receiver)
      if (leaf === undefined) {
        ready.delete(peer)
        continue
      }
      this.#place(leaf, receiver, now)
      const leaves = offers.get(peer)
      if (leaves === undefined) {
        offers.set(peer, [leaf])
      } else {
        leaves.push(leaf)
      }
      if (!hasRoom(receiver, now)) {
        ready.delete(peer)
      }
    }
    return offers
  }

  #place(leaf: number, receiver: Receiver, now: number): void {
    this.#offeredTo.set(leaf, receiver)
    this.#open.clear(leaf)
    receiver.outstanding.set(leaf, now)
    receiver.outstandingBytes += this.#init.leafBytes(leaf)
    receiver.unrelayed++
    receiver.lastOfferAt = now
  }

  /** The next open leaf in order that the receiver takes. */
  #nextFor(receiver: Receiver): number | undefined {
    if (this.#open.count === 0 || receiver.dryAt === this.#opened) {
      return undefined
    }
    const { takes, cursor } = receiver
    const leaf = this.#open.nextCommon(takes, cursor) ?? this.#open.nextCommon(takes, 0)
    if (leaf === undefined) {
      receiver.dryAt = this.#opened
    } else {
      receiver.cursor = leaf + 1
    }
    return leaf
  }

  /** The offer is void; the leaf goes to somebody else if nobody has it yet. */
  #takeBack(leaf: number, receiver: Receiver): void {
    settle(leaf, receiver, this.#init.leafBytes(leaf))
    this.#discharge(leaf, receiver)
    this.#refresh(leaf)
  }

  /** One more peer has the leaf: enough, and the one it was offered to has done its part. */
  #creditRelay(leaf: number): void {
    const enough = Math.max(2, 1 + Math.ceil((this.#receivers.size - 1) / 2))
    if ((this.#announced[leaf] ?? 0) >= Math.min(enough, this.#receivers.size)) {
      this.#discharge(leaf, this.#offeredTo.get(leaf))
    }
  }

  #discharge(leaf: number, receiver: Receiver | undefined): void {
    if (receiver !== undefined && this.#offeredTo.get(leaf) === receiver) {
      this.#offeredTo.delete(leaf)
      receiver.unrelayed--
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

function settle(leaf: number, receiver: Receiver, bytes: number): boolean {
  if (!receiver.outstanding.delete(leaf)) {
    return false
  }
  receiver.outstandingBytes -= bytes
  return true
}

function hasRoom(receiver: Receiver, now: number): boolean {
  return (
    receiver.outstanding.size < OFFER_WINDOW.maxLeaves &&
    receiver.outstandingBytes < windowBytes(OFFER_WINDOW, receiver.rate.perSecond(now))
  )
}

/** The one with the fewest leaves that it has not passed on, then the one offered to longest ago. */
function first(ready: ReadonlyMap<PeerKey, Receiver>): [PeerKey, Receiver] | undefined {
  let best: [PeerKey, Receiver] | undefined
  for (const entry of ready) {
    const [, { unrelayed, lastOfferAt }] = entry
    if (
      best === undefined ||
      unrelayed < best[1].unrelayed ||
      (unrelayed === best[1].unrelayed && lastOfferAt < best[1].lastOfferAt)
    ) {
      best = entry
    }
  }
  return best
}
