import { MAX_RATED_ORIGINS } from '../constants.ts'

/** So many a second, and so many at once after a rest. Pure. */
export class TokenBucket {
  readonly #perMs: number
  readonly #burst: number
  #level: number
  #at = -Infinity

  constructor(perSecond: number, burst: number) {
    this.#perMs = perSecond / 1000
    this.#burst = burst
    this.#level = burst
  }

  /** Takes one if there is one. */
  take(now: number): boolean {
    if (now > this.#at) {
      const grown = this.#level + (now - this.#at) * this.#perMs
      this.#level = Math.min(this.#burst, grown)
      this.#at = now
    }
    if (this.#level < 1) {
      return false
    }
    this.#level--
    return true
  }
}

/** A bucket for each origin that was seen lately. Pure. */
export class OriginBuckets {
  readonly #perSecond: number
  readonly #burst: number
  readonly #buckets = new Map<string, TokenBucket>()

  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond
    this.#burst = burst
  }

  get size(): number {
    return this.#buckets.size
  }

  take(origin: string, now: number): boolean {
    const bucket = this.#buckets.get(origin) ?? new TokenBucket(this.#perSecond, this.#burst)
    // a map keeps the order of insertion: who was seen last is last
    this.#buckets.delete(origin)
    this.#buckets.set(origin, bucket)
    if (this.#buckets.size > MAX_RATED_ORIGINS) {
      const [oldest] = this.#buckets.keys()
      this.#buckets.delete(oldest ?? origin)
    }
    return bucket.take(now)
  }
}
