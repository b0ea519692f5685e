/**
 * Which attempt to connect is started when, after RFC 8305: the next one `delayMs` after the one before, or at once when one
 * has failed. Pure: the caller tells the time and does what it says.
 */
export class AttemptSchedule<Candidate> {
  readonly #waiting: Candidate[]
  readonly #delayMs: number
  #running = 0
  #nextAt = -Infinity

  /** `delayMs` 0: each candidate waits until the one before has failed. */
  constructor(candidates: Iterable<Candidate>, delayMs: number) {
    this.#waiting = [...candidates]
    this.#delayMs = delayMs === 0 ? Infinity : delayMs
  }

  /** The candidate that is due, if one is. Its attempt counts as running until `failed()` or `resolved()`. */
  start(now: number): Candidate | undefined {
    if (now < this.#nextAt) {
      return undefined
    }
    const candidate = this.#waiting.shift()
    if (candidate !== undefined) {
      this.#running++
      this.#nextAt = now + this.#delayMs
    }
    return candidate
  }

  /** An attempt came to nothing: the next is due. */
  failed(now: number): void {
    this.#running--
    this.#nextAt = now
  }

  /** A candidate turned out to stand for others, as a name does for addresses: they take its place. */
  resolved(candidates: Iterable<Candidate>, now: number): void {
    this.#waiting.unshift(...candidates)
    this.failed(now)
  }

  /** When `start()` has something to say again, if nothing happens before. */
  get wakeAt(): number | undefined {
    return this.#waiting.length > 0 && Number.isFinite(this.#nextAt) ? this.#nextAt : undefined
  }

  /** Nothing runs, and nothing is left to start. */
  get isOver(): boolean {
    return this.#running === 0 && this.#waiting.length === 0
  }
}

/**
 * Families by turns, each in the order it came in, `lead`'s turn first; without it, that of the first item. So a family
 * that does not work here costs one delay and not one for each of its addresses.
 */
export function interleave<Item>(items: readonly Item[], familyOf: (item: Item) => unknown, lead?: unknown): Item[] {
  const [first] = items
  if (first === undefined) {
    return []
  }
  const leading = lead ?? familyOf(first)
  const ours = items.filter((item) => familyOf(item) === leading)
  const others = items.filter((item) => familyOf(item) !== leading)
  const longer = Math.max(ours.length, others.length)
  return Array.from({ length: longer }, (_, index) => [
    ...ours.slice(index, index + 1),
    ...others.slice(index, index + 1)
  ]).flat()
}
