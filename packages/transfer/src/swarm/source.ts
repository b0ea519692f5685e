import { BLOCK_BYTES } from '../constants.ts'
import { MAX_WRONG_LEAVES } from './misdeeds.ts'
import { Rate } from './rate.ts'
import type { LeafProgress } from './leaf-progress.ts'
import type { SwarmPeer } from './swarm-peer.ts'

/** A peer with requests outstanding that sends nothing for this long loses them. */
export const REQUEST_TIMEOUT_MS = 10_000
/** So does one that has had a request this long and was slower than `MIN_RATE_BPS` all the while. */
export const SLOW_AFTER_MS = 30_000
/** A modem's speed; bytes that come slower than this are there to hold a place. */
export const MIN_RATE_BPS = 4 * 1024
/** For so long after a cap of this node was seen to keep it from reading, that is why a peer seems slow. */
export const HELD_BACK_MS = 500
/** One that has sent no block for so long does not wait for the cap alone. */
export const HELD_BACK_SILENCE_MS = 2000
/**
 * At the end, a peer that has sent nothing of what it was asked for since a round trip and this long stands still: twice
 * what a first seeder promises ahead (`SEED_LEAD_MS`).
 */
export const STANDSTILL_MS = 1000
/** For so long it is held against a peer that it did not send what it was asked for, unless it sends a block. */
export const OWES_MS = 5000
/** With so much anybody is trusted: of small leaves more than a few are asked for at once, or each few took a round trip. */
export const TRUSTED_BYTES = 256 * 1024
/** A pause between two blocks that is longer than this says nothing about how fast the peer sends. */
const LONGEST_GAP_MS = 1000
/** Weight of the last gap in the average. */
const GAP_WEIGHT = 0.1

/** Blocks of one leaf that were asked of one peer. */
export interface Ask {
  readonly progress: LeafProgress
  readonly at: number
  /** Blocks that have not come. */
  left: number
  /** Some have. */
  started: boolean
}

/** What the download side knows of one peer, and what it asked it for. Pure: the time is passed in. */
export class Source {
  readonly peer: SwarmPeer
  /** Leaf -> what was asked for; the oldest first. */
  readonly asked = new Map<number, Ask>()
  /** Offered, wanted, waiting for room; the oldest first. */
  readonly offered = new Set<number>()
  /** Leaves it granted that wait for room, and since when. */
  granted = 0
  grantedAt = 0
  /** Bytes of the leaves it was asked for, whole ones counted. */
  askedBytes = 0
  /**
   * Leaves that it may be asked for at once: at first as many as may come out wrong, and one more for each that came out
   * right. So one that lies or sends nothing costs little, and the others are soon asked for as much as they can send.
   */
  trust: number
  /** Leaves that came from it, alone or with others, and are being checked; and their bytes. */
  readonly checking = new Set<number>()
  checkingBytes = 0
  /** Times in a row that it kept its requests and sent nothing, with no leaf in between. */
  stalls = 0
  /** Not asked for anything until then. */
  pausedUntil = -Infinity
  /** A leaf of it was right, and since then none was wrong, refused, or waited for in vain. */
  proven = false
  /** It sent blocks of a wrong leaf that others sent blocks of too: from now on, leaves of its own only. */
  alone = false
  /** Over a time in which even the slowest peer that is worth it sends something. */
  readonly #longRate: Rate
  #lastByteAt: number
  #hasSent = false
  #owesUntil = -Infinity
  #heldBackAt = -Infinity
  /** Averages of bytes and time between arrivals while it is at work. */
  #burstBytes = 0
  #burstMs = 0

  /** @param trust - leaves that it may be asked for at once when it has sent none */
  constructor(peer: SwarmPeer, now: number, trust = MAX_WRONG_LEAVES) {
    this.peer = peer
    this.trust = trust
    this.#longRate = new Rate(now, SLOW_AFTER_MS)
    this.#lastByteAt = now
  }

  /** Bytes a millisecond while it sends; 0 when it is not known. */
  get burstPerMs(): number {
    return this.#burstMs > 0 ? this.#burstBytes / this.#burstMs : 0
  }

  /** Whether it is asked for as much as it is trusted with. */
  isFull(): boolean {
    const leaves = this.asked.size + this.checking.size
    return leaves >= this.trust && this.askedBytes + this.checkingBytes >= TRUSTED_BYTES
  }

  /**
   * Whether it may take over what others were asked for: no more than it is trusted with, and one leaf if none of its own
   * came right. Or one that denies what it said it has would make all others send in vain.
   */
  mayTakeOver(now: number): boolean {
    const isBusy = this.asked.size + this.checking.size > 0
    return !this.alone && !this.owes(now) && !this.isFull() && (this.proven || !isBusy)
  }

  /** It did not send what it was asked for, or refused to. */
  lapse(now: number): void {
    this.#owesUntil = now + OWES_MS
  }

  /** Whether it lapsed and has sent no block since: others come first. */
  owes(now: number): boolean {
    return now < this.#owesUntil
  }

  /** Whether what it has may be asked of it now, as far as is known. */
  isReady(now: number): boolean {
    return this.pausedUntil <= now && !this.owes(now)
  }

  /** A leaf of it was right. */
  earn(): void {
    this.stalls = 0
    this.proven = true
    this.trust++
  }

  /** Begin anew: so many leaves of it were wrong, or it did not send what it was asked for. */
  distrust(wrong: number): void {
    if (wrong > 0) {
      this.proven = false
      this.trust = Math.min(this.trust, Math.max(1, MAX_WRONG_LEAVES - wrong))
    }
  }

  addBytes(bytes: number, now: number): void {
    const gap = now - this.#lastByteAt
    if (gap < LONGEST_GAP_MS) {
      this.#burstBytes += (bytes - this.#burstBytes) * GAP_WEIGHT
      this.#burstMs += (gap - this.#burstMs) * GAP_WEIGHT
    }
    this.#owesUntil = -Infinity
    this.#hasSent = true
    this.#longRate.add(bytes, now)
    this.#lastByteAt = now
  }

  /** It could not have been heard until now. */
  excuse(now: number): void {
    this.#lastByteAt = now
  }

  /** A cap of this node keeps it from reading what the peer may have sent. */
  holdBack(now: number): void {
    this.#heldBackAt = now
  }

  /** Whether it sends, and more than this node takes: what it was asked for comes no sooner from anybody else. */
  isHeldBack(now: number): boolean {
    const sends = this.#hasSent && now - this.#lastByteAt < HELD_BACK_SILENCE_MS
    return sends && now - this.#heldBackAt < HELD_BACK_MS
  }

  /** Whether it has sent nothing of what it was asked for since more than a moment. */
  isStanding(now: number): boolean {
    for (const { at } of this.asked.values()) {
      return now - Math.max(at, this.#lastByteAt) > this.peer.rttMs + STANDSTILL_MS && !this.isHeldBack(now)
    }
    return false
  }

  /** Whether it should have sent the next block of what it began long ago. */
  isQuiet(now: number): boolean {
    const perBlock = this.burstPerMs > 0 ? BLOCK_BYTES / this.burstPerMs : 0
    return now - this.#lastByteAt > this.peer.rttMs + 4 * perBlock + QUIET_MS
  }

  /** Whether it keeps requests and sends nothing, or next to nothing. */
  isStalled(now: number): boolean {
    for (const { at } of this.asked.values()) {
      const quiet = now - Math.max(at, this.#lastByteAt) >= REQUEST_TIMEOUT_MS
      return quiet || (now - at >= SLOW_AFTER_MS && this.#longRate.perSecond(now) < MIN_RATE_BPS)
    }
    return false
  }
}

/** What schedulers, disks and other requests in the queue may add to the pause between two blocks. */
const QUIET_MS = 250
