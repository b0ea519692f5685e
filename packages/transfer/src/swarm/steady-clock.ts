/**
 * Longest step of the caller's clock that counts. The runtime looks at its clock several times a second, so a longer one
 * means that the process or the machine slept: no peer is to blame for what it did not hear meanwhile.
 */
export const MAX_STEP_MS = 2000

/** Sums of times are rounded: a little later it is certain that the time has come. */
const ROUNDING_MS = 0.001

/** The caller's time without its jumps: it never goes back, and never ahead by more than `MAX_STEP_MS` at once. Pure. */
export class SteadyClock {
  #outside: number | undefined
  #inside = 0

  /** The steady time, now that the caller's clock says `now`. */
  at(now: number): number {
    const step = now - (this.#outside ?? now)
    this.#outside = now
    this.#inside += Math.min(Math.max(step, 0), MAX_STEP_MS)
    return this.#inside
  }

  /** When the caller's clock will show for certain what is `inside` here, if it does not jump. */
  outside(inside: number): number {
    return (this.#outside ?? 0) + inside - this.#inside + ROUNDING_MS
  }
}
