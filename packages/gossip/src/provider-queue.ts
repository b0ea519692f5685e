import type { Provider } from '@p2pshare/interface'

/** Between messages that come when they like and a consumer that takes its time. One entry a peer, at most `max`. */
export class ProviderQueue {
  readonly #waiting = new Map<string, Provider>()
  readonly #max: number
  #wake = Promise.withResolvers<undefined>()
  #ended = false

  constructor(max: number) {
    this.#max = max
  }

  push(provider: Provider): void {
    const key = provider.id.toString()
    if (!this.#waiting.has(key) && this.#waiting.size >= this.#max) {
      return
    }
    this.#waiting.set(key, provider)
    this.#wake.resolve(undefined)
  }

  readonly end = (): void => {
    this.#ended = true
    this.#wake.resolve(undefined)
  }

  /** What was pushed, until `end`. What waits then is dropped: the consumer asked for the end. */
  async *drain(): AsyncGenerator<Provider, void, undefined> {
    while (!this.#ended) {
      for (const [key, provider] of this.#waiting) {
        this.#waiting.delete(key)
        yield provider
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
