/** Many at a time, or one alone: reads and writes share a store, moving its files does not. */
export class Gate {
  #active = 0
  #closed: PromiseWithResolvers<void> | undefined
  #idle: PromiseWithResolvers<void> | undefined

  /** Run `action` beside others; waits while something runs alone. */
  async shared<T>(action: () => Promise<T>): Promise<T> {
    while (this.#closed !== undefined) {
      await this.#closed.promise
    }
    this.#active++
    try {
      return await action()
    } finally {
      this.#active--
      if (this.#active === 0) {
        this.#idle?.resolve()
      }
    }
  }

  /** Run `action` when all that began before is done, with nothing beside it. */
  async exclusive<T>(action: () => Promise<T>): Promise<T> {
    while (this.#closed !== undefined) {
      await this.#closed.promise
    }
    const closed: PromiseWithResolvers<void> = Promise.withResolvers()
    this.#closed = closed
    try {
      if (this.#active > 0) {
        const idle: PromiseWithResolvers<void> = Promise.withResolvers()
        this.#idle = idle
        await idle.promise
      }
      return await action()
    } finally {
      this.#idle = undefined
      this.#closed = undefined
      closed.resolve()
    }
  }
}
