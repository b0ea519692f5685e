import type { Bitfield } from './bitfield.ts'
import type { PeerKey } from './effects.ts'

/** What a round trip is taken to be until something is known about it. */
export const DEFAULT_RTT_MS = 50
/** A longer one is not planned for: it would keep too much on the way. */
export const MAX_RTT_MS = 1000
/** How much of a measured round trip is forgotten with each measurement, so that a path that got longer is noticed. */
const RTT_RISE = 1.05

/** What both sides of the policy know of one peer. */
export class SwarmPeer {
  readonly key: PeerKey
  /** Leaves that it announced (canonical indices). */
  readonly has: Bitfield
  /** Bytes of leaves that were sent to it, and useful ones that came from it. */
  sentBytes = 0
  receivedBytes = 0
  #rttMs: number | undefined
  #given = false

  constructor(key: PeerKey, has: Bitfield) {
    this.key = key
    this.has = has
  }

  get rttMs(): number {
    return this.#rttMs ?? DEFAULT_RTT_MS
  }

  /** Measured by others, who know better than answers to grants. */
  setRtt(ms: number): void {
    this.#given = true
    this.#rttMs = Math.min(Math.max(ms, 0), MAX_RTT_MS)
  }

  /** An answer took this long; the shortest ones are closest to the round trip. */
  sampleRtt(ms: number): void {
    if (!this.#given) {
      this.#rttMs = Math.min(ms, (this.#rttMs ?? MAX_RTT_MS) * RTT_RISE, MAX_RTT_MS)
    }
  }
}
