/**
 * Bytes of data that the stream lanes of all sessions hold together, sent and not acknowledged, beyond what each may hold
 * whatever the others do (`MIN_WINDOW_BYTES`). Enough for four peers at 80 MiB/s each over 100 ms.
 */
export const MAX_SENT_BYTES = 32 * 1024 * 1024

/**
 * What one lane may hold in any case: it moves 10 MiB/s over 100 ms. Twice of what a receiver may leave unacknowledged, so that
 * it never waits for an acknowledgement that waits for it.
 */
export const MIN_WINDOW_BYTES = 1024 * 1024

/** A lane of which nothing was acknowledged for so long gives way, if others need what it holds. */
export const STILL_MS = 10_000

/** A lane that is given way by. */
export interface Hoard {
  /** Bytes that were sent by it and not acknowledged. */
  readonly unackedBytes: number
  /** Since when nothing of them was acknowledged, in milliseconds. */
  readonly since: number
  /** It holds what others need, and does not move. */
  giveWay(): void
}

/**
 * What one node keeps in memory for peers that have not said that they have it. A peer decides by itself how long that is:
 * without a common bound 200 of them, each within its window, could hold 1.6 GiB. Pure: the time is passed in.
 */
export class SendBudget {
  readonly #limit: number
  readonly #hoards = new Set<Hoard>()
  #used = 0

  constructor(limit: number = MAX_SENT_BYTES) {
    this.#limit = limit
  }

  /** Bytes that all lanes hold. */
  get usedBytes(): number {
    return this.#used
  }

  /** Whether a lane may be given more. When others hold all there is, those that stand still give way. */
  allows(lane: Hoard, now: number): boolean {
    if (lane.unackedBytes < MIN_WINDOW_BYTES || this.#used < this.#limit) {
      return true
    }
    for (const hoard of [...this.#hoards]) {
      if (hoard.unackedBytes > MIN_WINDOW_BYTES && now - hoard.since > STILL_MS) {
        hoard.giveWay()
      }
    }
    return this.#used < this.#limit
  }

  /** A lane holds so many bytes more, or fewer. */
  change(lane: Hoard, bytes: number): void {
    this.#used += bytes
    if (lane.unackedBytes > 0) {
      this.#hoards.add(lane)
    } else {
      this.#hoards.delete(lane)
    }
  }
}
