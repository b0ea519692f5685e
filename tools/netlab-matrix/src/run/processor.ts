import { setPriority } from 'node:os'
import { readFile } from 'node:fs/promises'

const NS_PER_MS = 1e6

/**
 * How long processes that could run have waited for a processor since they began, in milliseconds, by the kernel's own
 * account: what others on the machine cost them, without what they cost themselves. 0 for one that is gone, and where the
 * kernel does not count.
 */
export async function waitedMs(pids: readonly number[]): Promise<number[]> {
  return Promise.all(
    pids.map(async (pid) => {
      const text = await readFile(`/proc/${pid}/schedstat`, 'utf8').catch(() => '')
      return Number(text.split(' ')[1] ?? 0) / NS_PER_MS
    })
  )
}

/** The most that one of them waited between two accounts. Pure. */
export function mostWaitedMs(before: readonly number[], after: readonly number[]): number {
  return Math.max(0, ...after.map((sum, at) => sum - (before[at] ?? 0)))
}

/** Of those who only prepare a run or end one, beside one that is measured. */
const BACKGROUND_NICENESS = 15

/** Let these processes go before all that only prepare, or be such themselves. Where that is not allowed, all are equal. */
export function prefer(pids: readonly number[], isPreferred: boolean): void {
  for (const pid of pids) {
    try {
      setPriority(pid, isPreferred ? 0 : BACKGROUND_NICENESS)
    } catch {
      // only root may take it back, and one that has ended has none
    }
  }
}
