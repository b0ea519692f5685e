/**
 * Between messages that come when they like and a consumer that takes its time: one entry a key, at most `max`. A new key
 * beyond that is dropped, or takes the place of the oldest.
 */
export class KeyedQueue<T> {
  readonly #waiting = new Map<string, T>()
  readonly #max: number
  readonly #dropOldest: boolean
  #wake = Promise.withResolvers<undefined>()
  #ended = false

  constructor(max: number, { dropOldest = false }: { dropOldest?: boolean } = {}) {
    this.#max = max
    this.#dropOldest = dropOldest
  }

  push(key: string, value: T): void {
    if (!this.#waiting.has(key) && this.#waiting.size >= this.#max) {
      const [oldest] = this.#waiting.keys()
      if (!this.#dropOldest || oldest === undefined) {
        return
      }
      this.#waiting.delete(oldest)
    }
    this.#waiting.set(key, value)
    this.#wake.resolve(undefined)
  }

  /** What waits under this key is not true any more. */
  remove(key: string): void {
    this.#waiting.delete(key)
  }

  readonly end = (): void => {
    this.#ended = true
    this.#wake.resolve(undefined)
  }

  /** What was pushed, until `end`. What waits then is dropped: the consumer asked for the end. */
  async *drain(): AsyncGenerator<T, void, undefined> {
    while (!this.#ended) {
      for (const [key, value] of this.#waiting) {
        this.#waiting.delete(key)
        yield value
        if (this.#isEnded()) {
          return
        }
      }
      await this.#wake.promise
      this.#wake = Promise.withResolvers()
    }
  }

  /** A call, so that the compiler does not believe what it knew before the `yield`. */
  #isEnded(): boolean {
    return this.#ended
  }
}
