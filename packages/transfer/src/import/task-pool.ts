/** Runs tasks, a bounded number at once, and keeps the first failure. */
export class TaskPool {
  readonly #limit: number
  readonly #running = new Set<Promise<void>>()
  #failure: { readonly reason: unknown } | undefined

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Start a task; resolves when there is room for the next, not when the task is done. Rejects after a failure. */
  async start(task: () => Promise<void>): Promise<void> {
    this.throwIfFailed()
    const running = task()
      .catch((reason: unknown) => {
        this.fail(reason)
      })
      .finally(() => this.#running.delete(running))
    this.#running.add(running)
    while (this.#running.size >= this.#limit) {
      await Promise.race(this.#running)
    }
  }

  /** Keep a failure from elsewhere, so that tasks stop. Only the first counts. */
  fail(reason: unknown): void {
    this.#failure ??= { reason }
  }

  throwIfFailed(): void {
    if (this.#failure !== undefined) {
      throw this.#failure.reason
    }
  }

  /** Every task has ended, well or not. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) {
      await Promise.all(this.#running)
    }
  }
}
