import { AbortError } from '@libp2p/interface'
import type { AbortOptions } from '@libp2p/interface'
import { ConnectionCutError } from './errors.ts'

/** What an aborted signal says, as an error. */
export function abortReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new AbortError()
}

/** What a `catch` got, as an error. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new ConnectionCutError(String(thrown), { cause: thrown })
}

/** A promise that a signal can cut short for the one who waits; leaves no listener on the signal. */
export async function unlessAborted<T>(promise: Promise<T>, { signal }: AbortOptions): Promise<T> {
  if (signal === undefined) {
    return promise
  }
  // it is waited for by nobody when the signal wins
  promise.catch(() => undefined)
  signal.throwIfAborted()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => {
    reject(abortReason(signal))
  }
  signal.addEventListener('abort', onAbort)
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
