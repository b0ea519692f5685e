import { TokenBucket } from '../token-bucket.ts'
import {
  MAX_METERED_PEERS,
  MAX_THROTTLED_MS,
  PEER_BYTES,
  PEER_CHECKS,
  PEER_FRAMES,
  PEER_STREAMS,
  THROTTLE_WINDOW_MS,
  TOTAL_BYTES,
  TOTAL_CHECKS,
  TOTAL_FRAMES
} from './constants.ts'

/** What one peer, or all, have cost. */
class Spending {
  readonly bytes: TokenBucket
  readonly frames: TokenBucket
  readonly checks: TokenBucket

  constructor(limits: Record<'bytes' | 'frames' | 'checks', { burst: number; perSecond: number }>, now: number) {
    this.bytes = new TokenBucket(limits.bytes, now)
    this.frames = new TokenBucket(limits.frames, now)
    this.checks = new TokenBucket(limits.checks, now)
  }
}

/** Holds one peer back. It outlives the peer's links: who reconnects is not new. */
export class PeerMeter {
  readonly #own: Spending
  readonly #all: Spending
  readonly #streams: TokenBucket
  #windowAt: number
  #throttledMs = 0

  constructor(all: Spending, now: number) {
    this.#own = new Spending({ bytes: PEER_BYTES, frames: PEER_FRAMES, checks: PEER_CHECKS }, now)
    this.#all = all
    this.#streams = new TokenBucket(PEER_STREAMS, now)
    this.#windowAt = now
  }

  /** False: it opens too many. */
  takeStream(now: number): boolean {
    const isFine = this.#streams.waitMs(now) === 0
    this.#streams.spend(isFine ? 1 : 0, now)
    return isFine
  }

  /** How long the next frame must wait, in milliseconds. */
  frameWaitMs(now: number): number {
    const ownMs = Math.max(this.#own.bytes.waitMs(now), this.#own.frames.waitMs(now))
    this.#note(ownMs, now)
    return Math.max(ownMs, this.#all.bytes.waitMs(now), this.#all.frames.waitMs(now))
  }

  frame(bytes: number, now: number): void {
    for (const { bytes: ofBytes, frames } of [this.#own, this.#all]) {
      ofBytes.spend(bytes, now)
      frames.spend(1, now)
    }
  }

  /** How long the next check of a signature must wait, in milliseconds. */
  checkWaitMs(now: number): number {
    return Math.max(this.#own.checks.waitMs(now), this.#all.checks.waitMs(now))
  }

  check(now: number): void {
    this.#own.checks.spend(1, now)
    this.#all.checks.spend(1, now)
  }

  /** It had to be held back for so long, by its own doing, that it is no accident. */
  get isFlooding(): boolean {
    return this.#throttledMs > MAX_THROTTLED_MS
  }

  #note(waitMs: number, now: number): void {
    if (now - this.#windowAt > THROTTLE_WINDOW_MS) {
      this.#windowAt = now
      this.#throttledMs = 0
    }
    this.#throttledMs += waitMs
  }
}

/** The meters of all peers, bounded. Pure: time comes in. */
export class PeerMeters {
  readonly #meters = new Map<string, PeerMeter>()
  readonly #all: Spending

  constructor(now: number) {
    this.#all = new Spending({ bytes: TOTAL_BYTES, frames: TOTAL_FRAMES, checks: TOTAL_CHECKS }, now)
  }

  of(peer: string, now: number): PeerMeter {
    const meter = this.#meters.get(peer) ?? new PeerMeter(this.#all, now)
    // to the end: ordered by last use
    this.#meters.delete(peer)
    if (this.#meters.size >= MAX_METERED_PEERS) {
      for (const oldest of this.#meters.keys()) {
        this.#meters.delete(oldest)
        break
      }
    }
    this.#meters.set(peer, meter)
    return meter
  }
}
