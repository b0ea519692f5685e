/** Turns calls into an async iteration: what is pushed is kept until somebody asks for it. */
export class EventStream<T> implements AsyncIterable<T> {
  readonly #items: T[] = []
  #isEnded = false
  #wake: (() => void) | undefined

  push(item: T): void {
    if (!this.#isEnded) {
      this.#items.push(item)
      this.#wake?.()
    }
  }

  /** What was pushed before is still handed out. */
  end(): void {
    this.#isEnded = true
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      const item = this.#items.shift()
      if (item !== undefined) {
        yield item
      } else if (this.#isEnded) {
        return
      } else {
        const { promise, resolve } = Promise.withResolvers<undefined>()
        this.#wake = () => {
          resolve(undefined)
        }
        await promise
      }
    }
  }
}
