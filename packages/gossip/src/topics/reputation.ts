/** How much of a fault is left after one half-life. */
const HALF_LIFE_MS = 60_000

/** Below this a fault is forgotten. */
const FORGET = 0.1

/**
 * Faults of neighbours: each message they brought that no honest node passes on. Pure: time comes in. gossipsub adds
 * the score to its own and stops listening to a peer below its graylist threshold of -80.
 */
export class Reputation {
  readonly #faults = new Map<string, { amount: number; at: number }>()
  readonly #max: number

  constructor(max: number) {
    this.#max = max
  }

  fault(peer: string, now: number): void {
    const amount = this.#amount(peer, now) + 1
    this.#faults.delete(peer)
    if (this.#faults.size >= this.#max) {
      // ordered by last fault: the one that behaved longest is forgotten
      for (const oldest of this.#faults.keys()) {
        this.#faults.delete(oldest)
        break
      }
    }
    this.#faults.set(peer, { amount, at: now })
  }

  /** Zero or negative: one bad message is a bug, ten within a minute are an attack. */
  score(peer: string, now: number): number {
    const amount = this.#amount(peer, now)
    return amount < FORGET ? 0 : -(amount ** 2)
  }

  #amount(peer: string, now: number): number {
    const fault = this.#faults.get(peer)
    return fault === undefined ? 0 : fault.amount * 0.5 ** ((now - fault.at) / HALF_LIFE_MS)
  }
}
