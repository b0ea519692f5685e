/** Times over that a peer may name every leaf of a share at once: WANT, HAVE, OFFER and PASS, with room for a resume. */
const BURST_SHARES = 8
/** Small shares: peers that change their minds now and then. */
const BURST_INDICES = 64 * 1024
/** Seconds in which the budget of one whole share comes back. */
const REFILL_S = 10

/**
 * How many leaf indices one peer may still name. Ten bytes can name millions of leaves, and each of them costs work, so
 * what is bounded is not messages or bytes but indices (SPEC.md#security). Pure: the time is passed in.
 */
export class IndexBudget {
  readonly #most: number
  readonly #perMs: number
  #left: number
  #at: number

  /** @param part - of the whole budget. */
  constructor(leafCount: number, now: number, part = 1) {
    this.#most = part * (BURST_SHARES * leafCount + BURST_INDICES)
    this.#perMs = (part * Math.max(leafCount, BURST_INDICES)) / (REFILL_S * 1000)
    this.#left = this.#most
    this.#at = now
  }

  /** Whether a message that names `indices` leaves is within the budget; one that names none costs as much as one. */
  take(indices: number, now: number): boolean {
    this.#left = Math.min(this.#most, this.#left + Math.max(0, now - this.#at) * this.#perMs)
    this.#at = Math.max(this.#at, now)
    const cost = Math.max(1, indices)
    if (cost > this.#left) {
      return false
    }
    this.#left -= cost
    return true
  }
}
