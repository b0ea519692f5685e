/**
 * Streams of one peer that may fail one after the other. Whoever has that many cancelled at once, or loses the sessions of
 * as many shares, is not to be held up.
 */
export const MAX_FAILED_STREAMS = 128

/** Failures of a peer that is new: another identity costs nothing, and so does not bring that much. */
export const MAX_EARLY_FAILURES = 32

/** So many of them are forgiven in a second: lookups that are called off do not add up. */
const FORGIVEN_PER_SECOND = 4

/** Failures between two pauses, once there were too many. */
export const FAILURES_BETWEEN = 8

/** The first pause; each one is twice as long as the one before. */
const FIRST_PAUSE_MS = 1000

/** The longest pause. Before it is over the connection monitor cuts who does not stop by then: its answers do not get through. */
export const MAX_PAUSE_MS = 64_000

/** Says when a peer has had too many failures, and how long it has to wait then. Pure: the time, in milliseconds, is passed in. */
export class FailureBudget {
  #left = MAX_EARLY_FAILURES
  #at: number
  #pauseMs = FIRST_PAUSE_MS
  #pausedUntil = -Infinity

  constructor(now: number) {
    this.#at = now
  }

  /** One failure more. Returns for how many milliseconds from `now` on to hear no more of the peer; mostly 0. */
  spend(now: number): number {
    if (this.waits(now) > 0) {
      return 0 // of before the pause
    }
    this.#forgive(now)
    this.#left--
    if (this.#left >= 0) {
      return 0
    }
    const pauseMs = this.#pauseMs
    this.#pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)
    this.#pausedUntil = now + pauseMs
    this.#at = this.#pausedUntil // nothing is forgiven for the pause itself
    this.#left = FAILURES_BETWEEN
    return pauseMs
  }

  /** For how many milliseconds more nothing is to be heard of the peer. */
  waits(now: number): number {
    return Math.max(0, this.#pausedUntil - now)
  }

  /** Whether there was a pause, and not enough quiet since. */
  isOnTrial(now: number): boolean {
    if (this.waits(now) === 0) {
      this.#forgive(now)
    }
    return this.#pauseMs > FIRST_PAUSE_MS
  }

  #forgive(now: number): void {
    this.#left = Math.min(MAX_FAILED_STREAMS, this.#left + ((now - this.#at) / 1000) * FORGIVEN_PER_SECOND)
    this.#at = now
    if (this.#left === MAX_FAILED_STREAMS) {
      this.#pauseMs = FIRST_PAUSE_MS
    }
  }
}
