/** Turns that are left out at most between two searches of a download that is served. */
export const MAX_SKIPPED_TURNS = 19

/**
 * Which turns a download searches in. While nobody has what it misses it searches in each; once somebody has, more and
 * more rarely: those who are there tell of others, and a search asks everybody of the routing table. Pure.
 */
export class SearchPace {
  #toSkip: number
  #skipped = 0

  /** `skipAtFirst`: turns to leave out before the first search, as long as it is served. */
  constructor(skipAtFirst = 0) {
    this.#toSkip = skipAtFirst
  }

  /** Whether to search in this turn. */
  take(isServed: boolean): boolean {
    if (isServed && this.#skipped < this.#toSkip) {
      this.#skipped++
      return false
    }
    this.#toSkip = isServed ? Math.min(2 * this.#toSkip + 1, MAX_SKIPPED_TURNS) : 0
    this.#skipped = 0
    return true
  }
}
