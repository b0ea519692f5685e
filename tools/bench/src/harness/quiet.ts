import { setTimeout as sleep } from 'node:timers/promises'
import { machineBusySeconds } from './process-stats.ts'

const LOOK_MS = 500
/** Cores in use below which the machine counts as idle. */
const QUIET_CORES = 0.25

/** Returns after half a second in which the machine had nothing to do, or after `mostMs`. */
export async function waitForQuiet(mostMs: number): Promise<void> {
  const until = performance.now() + mostMs
  while (performance.now() < until) {
    const before = { busy: machineBusySeconds(), at: performance.now() }
    await sleep(LOOK_MS)
    const cores = (machineBusySeconds() - before.busy) / ((performance.now() - before.at) / 1000)
    if (cores < QUIET_CORES) {
      return
    }
  }
}
