import { ACCEPTED_TTL_MS, MAX_ACCEPTED } from '../constants.ts'

interface Entry {
  readonly id: number
  readonly until: number
}

/** Which INIT was given which stream id, so that one that comes again gets the same answer. Bounded. Pure. */
export class Accepted {
  readonly #entries = new Map<string, Entry>()

  get size(): number {
    return this.#entries.size
  }

  find(key: string, now: number): number | undefined {
    this.#expire(now)
    return this.#entries.get(key)?.id
  }

  add(key: string, id: number, now: number): void {
    this.#expire(now)
    this.#entries.set(key, { id, until: now + ACCEPTED_TTL_MS })
    if (this.#entries.size > MAX_ACCEPTED) {
      const [oldest] = this.#entries.keys()
      this.#entries.delete(oldest ?? key)
    }
  }

  /** All live equally long, so the oldest expires first. */
  #expire(now: number): void {
    for (const [key, { until }] of this.#entries) {
      if (until > now) {
        return
      }
      this.#entries.delete(key)
    }
  }
}
