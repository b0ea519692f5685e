import type { ScrubState } from '../store/scrub-state.ts'

/** A node that lives shorter scrubs nothing by itself: a command, or one that is restarted again and again. */
export const SCRUB_SETTLE_MS = 10 * 60 * 1000

/** The schedule is looked at this often: clocks are set, machines sleep, and other processes of the home scrub too. */
export const SCRUB_LOOK_MS = 60 * 60 * 1000

/** A pass comes so much earlier or later, so that the machines of a fleet do not read at the same hour. */
const JITTER = 0.1

/** Time between the passes of one node; `random` in `[0, 1)`. */
export function jittered(everyMs: number, random: number): number {
  return everyMs * (1 + JITTER * (2 * random - 1))
}

/** How long until a pass is due; 0 when it is, or one was interrupted. A time in the future counts as now. */
export function msUntilScrub({ since, cursor }: ScrubState, everyMs: number, now: number): number {
  return cursor === undefined ? Math.max(0, Math.min(since ?? now, now) + everyMs - now) : 0
}
