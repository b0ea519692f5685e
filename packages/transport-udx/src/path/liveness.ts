export interface LivenessTimes {
  /** Between two probes while data is under way, or one was not answered. */
  readonly probeIntervalMs: number
  /** Between two probes while nothing is. */
  readonly idleProbeIntervalMs: number
  /** Probes in a row without a sign of life after which the path is gone. */
  readonly maxMissedProbes: number
}

/** What is due: send a probe with this number, give the connection up, or nothing. */
export type LivenessStep =
  { readonly type: 'probe'; readonly sequence: number } | { readonly type: 'lost' } | { readonly type: 'wait' }

/**
 * When to ask whether the other end is there, and when to believe that it is not. A sign of life is an answer to a probe
 * that is still waited for, or data, which the encryption above vouches for. Pure: the caller tells the time and sends.
 */
export class Liveness {
  readonly #times: LivenessTimes
  #sequence = 0
  /** The last number that was answered, or made up for by data. */
  #settled = 0
  #probedAt: number
  /** Data was under way since the last probe: the one after it must not be missed, or a path dies unnoticed. */
  #wasActive = false
  #missed = 0

  constructor(times: LivenessTimes, now: number) {
    this.#times = times
    this.#probedAt = now
  }

  get missed(): number {
    return this.#missed
  }

  /** To be called several times in each `probeIntervalMs`. `isActive`: data was under way since the call before. */
  tick(now: number, isActive: boolean): LivenessStep {
    const { probeIntervalMs, idleProbeIntervalMs, maxMissedProbes } = this.#times
    this.#wasActive ||= isActive
    const isWaiting = this.#sequence > this.#settled
    if (now - this.#probedAt < (this.#wasActive || isWaiting ? probeIntervalMs : idleProbeIntervalMs)) {
      return { type: 'wait' }
    }
    if (isWaiting) {
      this.#missed++
      if (this.#missed >= maxMissedProbes) {
        return { type: 'lost' }
      }
    }
    this.#probedAt = now
    this.#wasActive = false
    return { type: 'probe', sequence: ++this.#sequence }
  }

  /** Whether an answer is one that was waited for. An old one, or one to a probe never sent, is no sign of life. */
  onAnswer(sequence: number): boolean {
    if (sequence <= this.#settled || sequence > this.#sequence) {
      return false
    }
    this.#settled = sequence
    this.#missed = 0
    return true
  }

  onData(): void {
    this.#settled = this.#sequence
    this.#missed = 0
  }
}
