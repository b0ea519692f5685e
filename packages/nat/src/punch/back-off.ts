import { BACK_OFF_MS } from './constants.ts'

/** What is remembered of a peer that could not be punched through to. */
export interface BackOff {
  readonly failures: number
  /** In milliseconds of the clock that was given. */
  readonly until: number
}

/** After one more failure. Pure. */
export function afterFailure(before: BackOff | undefined, now: number): BackOff {
  const failures = (before?.failures ?? 0) + 1
  const waits = BACK_OFF_MS[Math.min(failures, BACK_OFF_MS.length) - 1] ?? 0
  return { failures, until: now + waits }
}

/** How long to wait yet; 0: not at all. Pure. */
export function remaining(backOff: BackOff | undefined, now: number): number {
  return Math.max(0, (backOff?.until ?? now) - now)
}

/** For a peer that cannot do it: an update may change that. Pure. */
export function longest(now: number): BackOff {
  return { failures: BACK_OFF_MS.length, until: now + (BACK_OFF_MS.at(-1) ?? 0) }
}
