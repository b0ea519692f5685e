/**
 * Run `work` with a signal that aborts when `parent` does or after `ms`. Running out of time is not an error: whatever
 * `work` did until then stands. An abort of `parent` rejects with its reason.
 */
export async function withDeadline(
  parent: AbortSignal,
  ms: number,
  work: (signal: AbortSignal) => Promise<void>
): Promise<void> {
  parent.throwIfAborted()
  const controller = new AbortController()
  const onAbort = (): void => controller.abort(parent.reason)
  parent.addEventListener('abort', onAbort, { once: true })
  const timer = setTimeout(() => controller.abort(), ms)
  try {
    await work(controller.signal)
  } catch (error) {
    if (parent.aborted || !controller.signal.aborted) {
      throw error
    }
  } finally {
    clearTimeout(timer)
    parent.removeEventListener('abort', onAbort)
  }
}
