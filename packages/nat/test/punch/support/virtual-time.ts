import type { Clock } from '../../../src/punch/clock.ts'

interface Sleeper {
  readonly at: number
  readonly wake: () => void
}

/** A clock that goes on when nobody has anything to do now. */
export class VirtualTime implements Clock {
  #now = 0
  #sleepers: Sleeper[] = []

  now(): number {
    return this.#now
  }

  wall(): number {
    return 1_000_000 + this.#now
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    const sleeper = { at: this.#now + ms, wake: () => resolve(undefined) }
    const onAbort = (): void => {
      this.#sleepers = this.#sleepers.filter((other) => other !== sleeper)
      reject(signal.reason as Error)
    }
    this.#sleepers.push(sleeper)
    signal.addEventListener('abort', onAbort, { once: true })
    await promise.finally(() => signal.removeEventListener('abort', onAbort))
  }

  /** Call `then` after a time. */
  after(ms: number, then: () => void): void {
    this.#sleepers.push({ at: this.#now + ms, wake: then })
  }

  /** Let time pass until the work is done. */
  async until<T>(work: Promise<T>): Promise<T> {
    const state = { isDone: false }
    const finished = work.finally(() => {
      state.isDone = true
    })
    finished.catch(() => undefined)
    for (;;) {
      // whatever is due in promises comes first
      await new Promise((turn) => setImmediate(turn))
      if (state.isDone) {
        return finished
      }
      const next = Math.min(...this.#sleepers.map(({ at }) => at))
      if (next === Infinity) {
        throw new Error('nothing will ever happen')
      }
      this.#now = Math.max(this.#now, next)
      const due = this.#sleepers.filter(({ at }) => at <= this.#now)
      this.#sleepers = this.#sleepers.filter(({ at }) => at > this.#now)
      due.forEach(({ wake }) => wake())
    }
  }
}
