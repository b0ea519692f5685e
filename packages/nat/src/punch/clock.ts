/** Time, for everything in a punch; tests bring their own. */
export interface Clock {
  /** Milliseconds; does not go back. */
  now(): number
  /** Milliseconds since the Unix epoch. */
  wall(): number
  /** Rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

/** The clock of the system. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  sleep: async (ms, signal) => {
    signal.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    const onAbort = (): void => {
      reject(signal.reason as Error)
    }
    const timer = setTimeout(resolve, ms, undefined)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      await promise
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
    }
  }
}
