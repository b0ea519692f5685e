/** A set of texts that forgets the oldest. */
export class RecentSet {
  readonly #max: number
  readonly #values = new Set<string>()

  constructor(max: number) {
    this.#max = max
  }

  get size(): number {
    return this.#values.size
  }

  /** Adds a value, or makes it the newest. */
  add(value: string): void {
    this.#values.delete(value)
    this.#values.add(value)
    for (const oldest of this.#values) {
      if (this.#values.size <= this.#max) {
        break
      }
      this.#values.delete(oldest)
    }
  }

  has(value: string): boolean {
    return this.#values.has(value)
  }
}
