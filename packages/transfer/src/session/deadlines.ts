/** One thing that has until a time. */
export interface Deadline {
  /** Aborted when the time is up, and when all deadlines end. */
  readonly signal: AbortSignal
  /** It was done in time. */
  clear(): void
}

/**
 * Deadlines of things of which peers begin as many as they like. One listener on `shutdown` serves all of them: a signal
 * looks through all its listeners for each one more, so that thousands of handshakes would hold up the whole node.
 */
export class Deadlines {
  readonly #shutdown: AbortSignal
  readonly #open = new Set<AbortController>()

  constructor(shutdown: AbortSignal) {
    this.#shutdown = shutdown
    shutdown.addEventListener('abort', () => {
      for (const controller of [...this.#open]) {
        controller.abort(shutdown.reason)
      }
    })
  }

  start(ms: number): Deadline {
    const controller = new AbortController()
    const { signal } = controller
    if (this.#shutdown.aborted) {
      controller.abort(this.#shutdown.reason)
      return { signal, clear: () => undefined }
    }
    const timer = setTimeout(() => {
      this.#open.delete(controller)
      controller.abort(new DOMException(`it took longer than ${ms} ms`, 'TimeoutError'))
    }, ms)
    this.#open.add(controller)
    const clear = (): void => {
      clearTimeout(timer)
      this.#open.delete(controller)
    }
    signal.addEventListener('abort', clear)
    return { signal, clear }
  }
}
