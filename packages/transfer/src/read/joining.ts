import type { View } from '../view.ts'
import type { Waiters } from '../waiters.ts'

/** What was read from is over, and not because it failed: what is left may be had elsewhere. */
export const INTERRUPTED = new DOMException('what was read from is over', 'AbortError')

/** A download whose map is known, for those who read what it fetches. */
export interface Joined {
  readonly view: View
  /** Woken with each leaf that is stored. */
  readonly leaves: Waiters
}

/** When a download can be read from, and when it is over. */
export class Joining {
  readonly #opened = Promise.withResolvers<Joined>()
  readonly #over = new AbortController()

  constructor() {
    this.#opened.promise.catch(() => undefined) // nobody may be reading
  }

  /** Rejects with what the download failed with, or with `INTERRUPTED`. */
  get opened(): Promise<Joined> {
    return this.#opened.promise
  }

  /** Aborted for the same reasons, later too. */
  get over(): AbortSignal {
    return this.#over.signal
  }

  open(joined: Joined): void {
    this.#opened.resolve(joined)
  }

  /** The download is over. The first reason counts. */
  end(reason: unknown = INTERRUPTED): void {
    if (!this.#over.signal.aborted) {
      this.#over.abort(reason)
      this.#opened.reject(reason)
    }
  }
}
