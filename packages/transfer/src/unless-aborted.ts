import type { AbortOptions } from '@libp2p/interface'

/** Begin work, and wait for it until the signal ends the wait: what was begun goes on. An aborted signal begins nothing. */
export async function waitFor<T>(work: () => Promise<T>, { signal }: AbortOptions): Promise<T> {
  signal?.throwIfAborted()
  return signal === undefined ? work() : unlessAborted(work(), signal)
}

/** What the promise comes to, or the signal's reason if that comes first. Nobody else has to look after the promise. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const onAbort = (): void => {
    aborted.reject(signal.reason)
  }
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) {
    onAbort()
  }
  try {
    return await Promise.race([aborted.promise, promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
