/** What may be spent at once, and how fast it comes back. */
export interface TokenBucketInit {
  readonly burst: number
  readonly perSecond: number
}

/** Pure: time comes in, in milliseconds. It may be overdrawn by one spending, so that nothing is too large to pass. */
export class TokenBucket {
  readonly #init: TokenBucketInit
  #tokens: number
  #at: number

  constructor(init: TokenBucketInit, now: number) {
    this.#init = init
    this.#tokens = init.burst
    this.#at = now
  }

  /** Milliseconds until something may be spent again; 0: now. */
  waitMs(now: number): number {
    this.#refill(now)
    return this.#tokens > 0 ? 0 : Math.ceil(((1 - this.#tokens) / this.#init.perSecond) * 1000)
  }

  spend(amount: number, now: number): void {
    this.#refill(now)
    this.#tokens -= amount
  }

  #refill(now: number): void {
    const { burst, perSecond } = this.#init
    this.#tokens = Math.min(burst, this.#tokens + (Math.max(0, now - this.#at) * perSecond) / 1000)
    this.#at = now
  }
}
