/** Time constant of the average, in milliseconds: long enough to bridge one leaf, short enough to follow a change. */
const DEFAULT_TAU_MS = 2000

/** An exponentially decaying byte rate. Pure: the caller passes the time of each event. */
export class Rate {
  #weighted = 0
  #at: number
  readonly #since: number
  readonly #tauMs: number

  constructor(now: number, tauMs = DEFAULT_TAU_MS) {
    this.#at = now
    this.#since = now
    this.#tauMs = tauMs
  }

  add(bytes: number, now: number): void {
    this.#decay(now)
    this.#weighted += bytes
  }

  /** Bytes a second. Young averages are divided by the time they have seen, not by the whole constant. */
  perSecond(now: number): number {
    this.#decay(now)
    const seen = this.#tauMs * (1 - Math.exp(-Math.max(now - this.#since, 100) / this.#tauMs))
    return (this.#weighted / seen) * 1000
  }

  #decay(now: number): void {
    if (now > this.#at) {
      this.#weighted *= Math.exp(-(now - this.#at) / this.#tauMs)
      this.#at = now
    }
  }
}
