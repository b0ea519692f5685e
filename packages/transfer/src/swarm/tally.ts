/** One thing that is held against a peer is forgiven each time so long has passed since the last one. */
export const FORGIVE_MS = 60 * 60 * 1000

interface Row {
  count: number
  /** Since when the next one waits to be forgiven. */
  since: number
}

/** How often each of many peers did something, forgiven one by one as time passes. Bounded; pure: the time is passed in. */
export class Tally {
  readonly #rows = new Map<string, Row>()
  readonly #max: number

  /** @param max - peers that are remembered; the first that was noted is forgotten first */
  constructor(max: number) {
    this.#max = max
  }

  has(peer: string): boolean {
    return this.#rows.has(peer)
  }

  /** How often it counts now. */
  count(peer: string, now: number): number {
    return this.has(peer) ? this.#current(peer, now).count : 0
  }

  /** Once more. Returns how often it counts now. */
  add(peer: string, now: number): number {
    const row = this.#current(peer, now)
    row.count++
    row.since = now
    return row.count
  }

  /** Remember the peer, whatever it did. */
  note(peer: string, now: number): void {
    this.#current(peer, now)
  }

  forget(peer: string): void {
    this.#rows.delete(peer)
  }

  #current(peer: string, now: number): Row {
    const row = this.#rows.get(peer)
    if (row === undefined) {
      return this.#insert(peer, now)
    }
    const forgiven = Math.max(0, Math.floor((now - row.since) / FORGIVE_MS))
    row.count = Math.max(0, row.count - forgiven)
    row.since += forgiven * FORGIVE_MS
    return row
  }

  #insert(peer: string, now: number): Row {
    const row: Row = { count: 0, since: now }
    this.#rows.set(peer, row)
    const [oldest] = this.#rows.keys()
    if (this.#rows.size > this.#max && oldest !== undefined) {
      this.#rows.delete(oldest)
    }
    return row
  }
}
