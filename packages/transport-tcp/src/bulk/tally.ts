/** Counts by key, with a bound on each key and one on all. Pure. */
export class Tally {
  readonly #max: number
  readonly #maxPerKey: number
  readonly #counts = new Map<string, number>()
  #total = 0

  constructor(max: number, maxPerKey: number) {
    this.#max = max
    this.#maxPerKey = maxPerKey
  }

  get total(): number {
    return this.#total
  }

  /** One more for this key, and how to take it back (once; more often changes nothing). The bound when there is no room. */
  take(key: string): (() => void) | number {
    const count = this.#counts.get(key) ?? 0
    if (this.#total >= this.#max) {
      return this.#max
    }
    if (count >= this.#maxPerKey) {
      return this.#maxPerKey
    }
    this.#total += 1
    this.#counts.set(key, count + 1)
    let held = true
    return () => {
      if (held) {
        held = false
        this.#release(key)
      }
    }
  }

  #release(key: string): void {
    this.#total -= 1
    const left = (this.#counts.get(key) ?? 1) - 1
    if (left === 0) {
      this.#counts.delete(key)
    } else {
      this.#counts.set(key, left)
    }
  }
}
