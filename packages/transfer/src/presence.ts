/** Something that is there now and then, for those who wait until it is. */
export class Presence<T> {
  #value: T | undefined
  #coming = newComing<T>()
  #ended: Error | undefined

  /** What is there now. */
  get now(): T | undefined {
    return this.#value
  }

  /** What is there, as soon as something is. Rejects with what it ended with. */
  async wait(): Promise<T> {
    return this.#coming.promise
  }

  /** It is there. */
  set(value: T): void {
    this.clear()
    if (this.#ended === undefined) {
      this.#value = value
      this.#coming.resolve(value)
    }
  }

  /** It is not there any more, and may come again. */
  clear(): void {
    if (this.#value !== undefined) {
      this.#value = undefined
      this.#coming = newComing()
    }
  }

  /** It does not come again. */
  end(reason: Error): void {
    this.clear()
    this.#ended ??= reason
    this.#coming.reject(reason)
  }
}

function newComing<T>(): PromiseWithResolvers<T> {
  const coming = Promise.withResolvers<T>()
  coming.promise.catch(() => undefined) // nobody may be waiting
  return coming
}
