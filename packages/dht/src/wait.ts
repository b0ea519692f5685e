import type { AbortOptions } from '@libp2p/interface'

/** Settle as `promise` does, or reject with the signal's reason. The promise itself goes on. */
export async function abortable<T>(promise: Promise<T>, { signal }: AbortOptions): Promise<T> {
  if (signal === undefined) {
    return promise
  }
  signal.throwIfAborted()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => {
    reject(signal.reason)
  }
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** Resolve after `ms` milliseconds, or reject with the signal's reason. */
export async function pause(ms: number, options: AbortOptions): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => {
    resolve(undefined)
  }, ms)
  try {
    await abortable(promise, options)
  } finally {
    clearTimeout(timer)
  }
}
