/**
 * When a root is announced next. Pure: time and randomness come in with the events.
 *
 * `dueAt` is `Infinity` while nobody is there to be told; the next `peer` event makes it due.
 */
export interface AnnounceState {
  /** When other peers last took the record; `undefined` while none did. */
  readonly announcedAt: number | undefined
  /** Tries in a row that reached nobody. */
  readonly failures: number
  readonly dueAt: number
}

/** What can happen to an announcement. */
export type AnnounceEvent =
  | { readonly type: 'succeeded' }
  | { readonly type: 'failed' }
  /** There is no peer to ask, or no address to be found under. */
  | { readonly type: 'blocked' }
  /** A peer joined the routing table, or our addresses changed. */
  | { readonly type: 'changed' }

/** Intervals and pauses, in milliseconds. */
export interface AnnounceTiming {
  readonly intervalMs: number
  readonly minGapMs: number
  readonly retryMinMs: number
  readonly retryMaxMs: number
}

/** Intervals vary by this part, so that roots announced together do not come due together for ever. */
const JITTER = 0.1

/** A root that was never announced is due at once. */
export function wanted(now: number): AnnounceState {
  return { announcedAt: undefined, failures: 0, dueAt: now }
}

/** What follows from `event` at `now`; `random` is in `[0, 1)`. */
export function nextAnnounce(
  state: AnnounceState,
  event: AnnounceEvent,
  now: number,
  timing: AnnounceTiming,
  random: number
): AnnounceState {
  switch (event.type) {
    case 'succeeded': {
      const jitter = 1 + JITTER * (2 * random - 1)
      return { announcedAt: now, failures: 0, dueAt: now + timing.intervalMs * jitter }
    }
    case 'failed': {
      const pause = Math.min(timing.retryMinMs * 2 ** state.failures, timing.retryMaxMs)
      return { ...state, failures: state.failures + 1, dueAt: now + pause }
    }
    case 'blocked':
      return { ...state, failures: 0, dueAt: Infinity }
    case 'changed': {
      // the gap bounds what a stream of joining peers can make us send
      const soonest = state.announcedAt === undefined ? now : Math.max(now, state.announcedAt + timing.minGapMs)
      return soonest < state.dueAt ? { ...state, failures: 0, dueAt: soonest } : state
    }
  }
}
