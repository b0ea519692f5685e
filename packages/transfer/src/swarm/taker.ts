import { Bitfield } from './bitfield.ts'
import type { SwarmPeer } from './swarm-peer.ts'
import { MAX_QUEUED_RUNS } from './upload-queue.ts'
import type { Promised } from './upload-load.ts'

/** Credit of a new peer: one leaf of the largest kind, so that answers which cross a time-out are served in turn too. */
export const FREE_BYTES = 2 * 1024 * 1024
/** Credit adds up to this at most: it bounds how long one peer that asks for a lot can keep the others waiting. */
export const MAX_CREDIT_BYTES = 32 * 1024 * 1024

/** Leaves that one peer may be offered, granted and waiting for: of small ones a window holds many, its queue fewer. */
export const MAX_TAKER_LEAVES = MAX_QUEUED_RUNS

/** After a PASS a peer is not asked again for a round trip and this long. From 5 ms to 1 s it makes no difference. */
export const PASS_WAIT_MS = 30
/** Twice as long for each PASS in a row, up to this: where a leaf is slow to come, everybody waits quietly. */
export const MAX_PASS_WAIT_MS = 480

/** A GRANT that was not answered yet. */
export interface Grant {
  readonly promised: Promised
  readonly leaves: number
  /** Bytes it lets the peer ask for. */
  readonly credit: number
}

/** What the upload side knows of one peer. Leaves are canonical indices. Pure. */
export class Taker {
  readonly peer: SwarmPeer
  /** It wants them, this node has shown that it has them, they were not announced and not asked for. */
  useful: Bitfield
  /** Offers that it did not answer yet. */
  readonly offers = new Map<number, Promised>()
  grant: Grant | undefined
  /** Bytes it was granted or offered and has not been sent; what it asks for beyond waits for all others. */
  creditBytes = FREE_BYTES
  passedUntil = -Infinity
  lastGrantAt = -Infinity
  /** Drawn anew with each grant: what decides between equals. */
  lot = 0
  /** It was shown what this node has. */
  shown = false
  #wants: Bitfield
  #passes = 0
  /** Leaves it waits for. */
  #unsent = 0
  /** Leaves it asked for and did not announce -> bytes that were not sent yet. */
  readonly #asked = new Map<number, number>()

  constructor(peer: SwarmPeer, leafCount: number) {
    this.peer = peer
    this.#wants = new Bitfield(leafCount)
    this.useful = new Bitfield(leafCount)
  }

  /** Replaces what it wanted. */
  want(wants: Bitfield, held: Bitfield): void {
    this.#wants = wants.copy()
    this.useful = new Bitfield(wants.length)
    for (const leaf of wants.indices()) {
      this.refresh(leaf, held)
    }
  }

  wantMore(leaves: Iterable<number>, held: Bitfield): void {
    const before = this.useful.count
    for (const leaf of leaves) {
      this.#wants.set(leaf)
      this.refresh(leaf, held)
    }
    this.#hasMore(before)
  }

  /** Put the leaf among the useful ones if it is one now. */
  refresh(leaf: number, held: Bitfield): void {
    if (held.has(leaf) && this.#wants.has(leaf) && !this.peer.has.has(leaf) && !this.#asked.has(leaf)) {
      this.useful.set(leaf)
    }
  }

  /** This node shows a leaf that it did not show before: there may be something to pass it now. */
  fresh(leaf: number, held: Bitfield): void {
    const before = this.useful.count
    this.refresh(leaf, held)
    this.#hasMore(before)
  }

  /** There is something for it that was not there when it passed. */
  #hasMore(before: number): void {
    if (this.useful.count > before) {
      this.passedUntil = -Infinity
      this.#passes = 0
    }
  }

  /** How many more leaves it may be offered or granted. */
  get room(): number {
    return MAX_TAKER_LEAVES - this.offers.size - this.#unsent - (this.grant?.leaves ?? 0)
  }

  announced(leaf: number): void {
    this.useful.clear(leaf)
  }

  ask(leaf: number, bytes: number): void {
    this.useful.clear(leaf)
    const before = this.#asked.get(leaf) ?? 0
    this.#unsent += before === 0 ? 1 : 0
    this.#asked.set(leaf, before + bytes)
    this.#passes = 0
  }

  /** Returns whether that was the last of what it asked for of the leaf. */
  sent(leaf: number, bytes: number): boolean {
    const before = this.#asked.get(leaf) ?? 0
    if (before > 0) {
      this.#asked.set(leaf, Math.max(0, before - bytes))
      this.#unsent -= before <= bytes ? 1 : 0
    }
    return before <= bytes
  }

  /** Nothing came of what it asked for: no HAVE in time, or a CANCEL. */
  reconsider(leaf: number, held: Bitfield): void {
    this.#unsent -= (this.#asked.get(leaf) ?? 0) > 0 ? 1 : 0
    this.#asked.delete(leaf)
    this.refresh(leaf, held)
  }

  allow(bytes: number): void {
    this.creditBytes = Math.min(this.creditBytes + bytes, MAX_CREDIT_BYTES)
  }

  /** Returns until when it is not asked again. */
  passed(now: number): number {
    const wait = Math.min(PASS_WAIT_MS * 2 ** this.#passes, MAX_PASS_WAIT_MS)
    this.#passes++
    this.passedUntil = now + wait + this.peer.rttMs
    return this.passedUntil
  }
}
