import { nextProvideAt } from '../rules/next-provide.ts'

/**
 * When a root is announced next. Pure: time comes in with the events.
 *
 * `dueAt` is `Infinity` while nobody is there to be told; the next `changed` makes it due.
 */
export interface AnnounceState {
  /** When other peers last took the record; `undefined` while none did. */
  readonly announcedAt: number | undefined
  /** Tries in a row that reached too few. */
  readonly failures: number
  readonly dueAt: number
}

/** What can happen to an announcement. */
export type AnnounceEvent =
  /** `at`: the turn of its part of the key space, if it has one. */
  | { readonly type: 'succeeded'; readonly at?: number }
  | { readonly type: 'failed' }
  /** There is no peer to ask, or no address to be found under. */
  | { readonly type: 'blocked' }
  /** A peer joined the routing table, or our addresses changed. */
  | { readonly type: 'changed' }
  /** So many of its holders are alive, by membership. */
  | { readonly type: 'holders'; readonly live: number }

/** Intervals and pauses, in milliseconds. */
export interface AnnounceTiming {
  readonly intervalMs: number
  readonly minGapMs: number
  readonly retryMinMs: number
  readonly retryMaxMs: number
}

/** A root that was never announced is due at once. */
export function wanted(now: number): AnnounceState {
  return { announcedAt: undefined, failures: 0, dueAt: now }
}

/** What follows from `event` at `now`; `spread` is in `[0, 1)` and stays with the root. */
export function nextAnnounce(
  state: AnnounceState,
  event: AnnounceEvent,
  now: number,
  timing: AnnounceTiming,
  spread: number
): AnnounceState {
  switch (event.type) {
    case 'succeeded': {
      const dueAt = nextProvideAt({ lastAt: now, triedAt: now, spread }, timing.intervalMs, now)
      return { announcedAt: now, failures: 0, dueAt: event.at ?? dueAt }
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
    case 'holders': {
      const lastAt = state.announcedAt
      if (lastAt === undefined) {
        return state
      }
      const history = { lastAt, triedAt: lastAt, spread, liveHolders: event.live }
      const repairAt = nextProvideAt(history, timing.intervalMs, now)
      return repairAt < state.dueAt ? { ...state, dueAt: repairAt } : state
    }
  }
}
