/** Records one peer may bring at once and in the long run, a minute: go-libp2p's sweeps send a region's in one go. */
export const ADD_BURST = 1_000
export const ADDS_PER_MINUTE = 100

/** Peers whose rates are remembered; the one that was quiet longest is forgotten. */
export const MAX_RATED_PEERS = 4_096

interface Bucket {
  tokens: number
  at: number
}

/** How many records each peer may still bring. Pure: the time comes in. */
export class AddRates {
  readonly #buckets = new Map<string, Bucket>()

  /** Takes one of `peer`'s; false when it has none left. */
  take(peer: string, now: number): boolean {
    const bucket = this.#buckets.get(peer) ?? { tokens: ADD_BURST, at: now }
    bucket.tokens = Math.min(ADD_BURST, bucket.tokens + ((now - bucket.at) * ADDS_PER_MINUTE) / 60_000)
    bucket.at = now
    this.#buckets.delete(peer)
    this.#buckets.set(peer, bucket)
    if (this.#buckets.size > MAX_RATED_PEERS) {
      const [oldest] = this.#buckets.keys()
      this.#buckets.delete(oldest ?? '')
    }
    if (bucket.tokens < 1) {
      return false
    }
    bucket.tokens--
    return true
  }
}
