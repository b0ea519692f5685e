/** Runs tasks, a bounded number at once, and keeps the first failure. */
export class TaskPool {
  readonly #limit: number
  #running = 0
  /** Called each time a task has ended. */
  #wake: (() => void) | undefined
  #failure: { readonly reason: unknown } | undefined

  constructor(limit: number) {
    this.#limit = limit
  }

  /**
   * Start a task; resolves when there is room for the next, not when the task is done. Rejects after a failure. One
   * caller at a time.
   */
  async start(task: () => Promise<void>): Promise<void> {
    this.throwIfFailed()
    this.#running++
    void this.#run(task)
    await this.#until(this.#limit - 1)
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
    await this.#until(0)
  }

  async #run(task: () => Promise<void>): Promise<void> {
    try {
      await task()
    } catch (reason) {
      this.fail(reason)
    } finally {
      this.#running--
      this.#wake?.()
    }
  }

  async #until(running: number): Promise<void> {
    while (this.#running > running) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}
