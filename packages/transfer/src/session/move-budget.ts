/** Moves of one session in a minute; more would say something about the network that moving does not cure. */
export const MAX_MOVES_PER_MINUTE = 120

const MINUTE_MS = 60_000

/** How often a session may move: a minute's worth at once, and then as they come back. Pure. */
export class MoveBudget {
  readonly #max: number
  #left: number
  #at: number

  constructor(now: number, max = MAX_MOVES_PER_MINUTE) {
    this.#max = max
    this.#left = max
    this.#at = now
  }

  /** Whether one more may be made now. */
  take(now: number): boolean {
    this.#left = Math.min(this.#max, this.#left + ((now - this.#at) / MINUTE_MS) * this.#max)
    this.#at = now
    if (this.#left < 1) {
      return false
    }
    this.#left--
    return true
  }
}
