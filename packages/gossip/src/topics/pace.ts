interface Bucket {
  /** Bytes that may still come at once; below zero: they came already. */
  left: number
  at: number
}

/**
 * Bytes a second per peer, with a burst: a token bucket that may be overdrawn, for what is read is read. Pure: time comes
 * in. At most `maxPeers`; the one that was quiet longest is forgotten, with a full bucket.
 */
export class Pace {
  readonly #buckets = new Map<string, Bucket>()
  readonly #bytesPerSecond: number
  readonly #burst: number
  readonly #maxPeers: number

  constructor(bytesPerSecond: number, burst: number, maxPeers: number) {
    this.#bytesPerSecond = bytesPerSecond
    this.#burst = burst
    this.#maxPeers = maxPeers
  }

  /** Count bytes that came. Milliseconds until more should be read; 0: go on. */
  take(peer: string, bytes: number, now: number): number {
    const known = this.#buckets.get(peer) ?? { left: this.#burst, at: now }
    const earned = (Math.max(0, now - known.at) * this.#bytesPerSecond) / 1000
    const left = Math.min(this.#burst, known.left + earned) - bytes
    this.#buckets.delete(peer)
    if (this.#buckets.size >= this.#maxPeers) {
      for (const quietest of this.#buckets.keys()) {
        this.#buckets.delete(quietest)
        break
      }
    }
    this.#buckets.set(peer, { left, at: now })
    return left >= 0 ? 0 : Math.ceil((-left * 1000) / this.#bytesPerSecond)
  }
}
