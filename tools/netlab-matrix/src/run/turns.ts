/**
 * One after the other, in the order in which they ask: who measures is not to be disturbed by others who do. Who holds its
 * turn for longer than `maxMs` is waiting for something and disturbs nobody, so the next one begins.
 */
export class Turns {
  readonly #maxMs: number
  #last: Promise<void> = Promise.resolve()

  constructor(maxMs: number) {
    this.#maxMs = maxMs
  }

  /** Resolves when it is one's turn, with what ends it. */
  async take(): Promise<() => void> {
    const before = this.#last
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#last = promise
    await before
    const timer = setTimeout(resolve, this.#maxMs)
    return () => {
      clearTimeout(timer)
      resolve()
    }
  }
}
