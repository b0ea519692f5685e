import { anySignal } from 'any-signal'

/** `work` with a signal that also aborts after `ms`; what it holds on `signal` is let go when the work is done. */
export async function withDeadline<T>(
  signal: AbortSignal,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>
): Promise<T> {
  const limited = anySignal([signal, AbortSignal.timeout(ms)])
  try {
    return await work(limited)
  } finally {
    limited.clear()
  }
}
