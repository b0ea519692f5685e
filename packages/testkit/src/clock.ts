import type { AbortOptions } from '@libp2p/interface'

/** What `setTimeout` of a clock returns. Only good for its own clock's `clearTimeout`. */
export type ClockTimer = object

/**
 * Time as a dependency. Code that takes a `Clock` (or any part of it: the shape is structural) runs in real processes
 * with `systemClock` and in tests with `virtualClock()`.
 */
export interface Clock {
  /** Milliseconds since the Unix epoch, or since the start of a virtual clock. */
  now(): number
  /** Run `callback` once, `delayMs` from now. Never runs it before returning. */
  setTimeout(callback: () => void, delayMs: number): ClockTimer
  /** Forget a timer. Harmless for one that has fired or was cleared. */
  clearTimeout(timer: ClockTimer | undefined): void
}

/** The process's own time. */
export const systemClock: Clock = Object.freeze({
  now: () => Date.now(),
  setTimeout: (callback: () => void, delayMs: number) => setTimeout(callback, delayMs),
  clearTimeout: (timer: ClockTimer | undefined) => {
    clearTimeout(timer as NodeJS.Timeout | undefined)
  }
})

/** Resolve `ms` milliseconds of `clock` from now. Rejects with the signal's reason when aborted, and drops its timer. */
export async function sleep(clock: Clock, ms: number, options: AbortOptions = {}): Promise<void> {
  const { signal } = options
  signal?.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  const timer = clock.setTimeout(() => {
    resolve(undefined)
  }, ms)
  const abort = (): void => {
    reject(signal?.reason)
  }
  signal?.addEventListener('abort', abort, { once: true })
  try {
    await promise
  } finally {
    clock.clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
}
