/** Names with how many of something each has, and which has most, each change in constant time. Pure. */
export class Crowds {
  readonly #counts = new Map<string, number>()
  /** The names that have so many, those that came to it first in front. */
  readonly #byCount = new Map<number, Set<string>>()
  #most = 0

  of(name: string): number {
    return this.#counts.get(name) ?? 0
  }

  /** What the largest have. */
  get most(): number {
    return this.#most
  }

  /** One that has most; `undefined` when nobody has any. */
  get largest(): string | undefined {
    return this.#byCount.get(this.#most)?.values().next().value
  }

  /** One more, or one less with `by` -1. */
  change(name: string, by: 1 | -1): void {
    const before = this.of(name)
    const after = before + by
    this.#leave(name, before)
    if (after > 0) {
      this.#counts.set(name, after)
      this.#byCount.set(after, (this.#byCount.get(after) ?? new Set()).add(name))
      this.#most = Math.max(this.#most, after)
    } else {
      this.#counts.delete(name)
    }
    // a step of one: the next lower count is not empty, unless nobody is left
    if (before === this.#most && !this.#byCount.has(before)) {
      this.#most = Math.max(0, after)
    }
  }

  #leave(name: string, count: number): void {
    const names = this.#byCount.get(count)
    names?.delete(name)
    if (names?.size === 0) {
      this.#byCount.delete(count)
    }
  }
}
