import { MAX_LOGGED_PEERS } from './constants.ts'

/** One timer for each peer, bounded; a later call for a peer takes the place of the one before. */
export class Retries {
  readonly #timers = new Map<string, NodeJS.Timeout>()

  at(key: string, ms: number, then: () => void): void {
    this.cancel(key)
    if (this.#timers.size >= MAX_LOGGED_PEERS) {
      return
    }
    const timer = setTimeout(() => {
      this.#timers.delete(key)
      then()
    }, ms)
    timer.unref()
    this.#timers.set(key, timer)
  }

  cancel(key: string): void {
    clearTimeout(this.#timers.get(key))
    this.#timers.delete(key)
  }

  clear(): void {
    for (const key of [...this.#timers.keys()]) {
      this.cancel(key)
    }
  }
}
