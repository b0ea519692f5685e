/** Events waiting for a slow reader; a download makes a few a second, peers joining and leaving included. */
export const MAX_QUEUED_EVENTS = 1024

/** Hands events from callbacks to one async reader. The oldest go when nobody reads. */
export class EventQueue<T> {
  readonly #events: T[] = []
  #error: Error | undefined
  #wake: (() => void) | undefined

  push(event: T): void {
    this.#events.push(event)
    if (this.#events.length > MAX_QUEUED_EVENTS) {
      this.#events.shift()
    }
    this.#wake?.()
  }

  /** The reader's present call returns at once. */
  wake(): void {
    this.#wake?.()
  }

  /** The reader's next call throws this once the queue is empty. */
  fail(error: Error): void {
    this.#error ??= error
    this.#wake?.()
  }

  /** What was to be thrown is over. */
  forgive(): void {
    this.#error = undefined
  }

  /** Everything that waits; `undefined` when `ms` passed with nothing. */
  async next(ms: number): Promise<T | undefined> {
    if (this.#events.length === 0 && this.#error === undefined) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
      this.#wake = undefined
    }
    const event = this.#events.shift()
    if (event === undefined && this.#error !== undefined) {
      throw this.#error
    }
    return event
  }
}
