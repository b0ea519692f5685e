import type { CommandContext } from './context.ts'
import { withDeadline } from './deadline.ts'

/** Between two status lines: `Io` draws fewer. */
const TICK_MS = 100

/** Say on the status line for how much longer `work` goes on, until it ends. */
export async function countDown<T>(
  { io, now }: Pick<CommandContext, 'io' | 'now'>,
  what: string,
  ms: number,
  work: () => Promise<T>
): Promise<T> {
  const endsAt = now() + ms
  const show = (): void => {
    io.status(() => `${what}, ${Math.max(0, Math.ceil((endsAt - now()) / 1000))} s at most`)
  }
  show()
  const timer = setInterval(show, TICK_MS)
  try {
    return await work()
  } finally {
    clearInterval(timer)
    io.clearStatus()
  }
}

/** The same with a deadline for `work`, which `withDeadline` describes. */
export async function countDownTo(
  context: CommandContext,
  what: string,
  ms: number,
  work: (signal: AbortSignal) => Promise<void>
): Promise<void> {
  await countDown(context, what, ms, async () => withDeadline(context.signal, ms, work))
}
