const minute = 60 * 1000
const hour = 60 * minute

/** Of one announced key. Times in milliseconds. */
export interface ProvideHistory {
  /** When it last was complete, or as complete as it got. */
  readonly lastAt: number
  /** When holders were last asked or told, whatever came of it. */
  readonly triedAt: number
  /** Holders that took it and, as far as membership knows, are alive; `undefined` when nobody can tell. */
  readonly liveHolders?: number
  /** In `[0, 1)`, from the key: keys announced together do not stay together. */
  readonly spread: number
}

/** Below it the record is told to others again before its time: five keep it findable, and they go on dying. */
export const REPAIR_BELOW = 8

/** A repair that found nobody is not tried again sooner. */
export const REPAIR_GAP_MS = 10 * minute

/** Records live 48 h at their holders; more than three chances to renew them. */
export const MAX_PROVIDE_INTERVAL_MS = 12 * hour
export const MIN_PROVIDE_INTERVAL_MS = hour

/** What Kubo does on the public network, whose servers stay. */
export const AMINO_PROVIDE_INTERVAL_MS = 22 * hour

/** Holders are lost by half-lives, so their half-life sets the pace; without a measurement the network is unknown. */
export function provideIntervalMs(halfLifeMs: number | undefined, longestMs = MAX_PROVIDE_INTERVAL_MS): number {
  const wanted = halfLifeMs === undefined ? longestMs / 4 : 1.5 * halfLifeMs
  return Math.min(longestMs, Math.max(MIN_PROVIDE_INTERVAL_MS, wanted))
}

/** When a key is told to its holders again: at its interval, give or take a tenth, or at once when they have died. */
export function nextProvideAt(history: ProvideHistory, intervalMs: number, now: number): number {
  const regular = history.lastAt + intervalMs * (0.9 + 0.2 * history.spread)
  if (history.liveHolders === undefined || history.liveHolders >= REPAIR_BELOW) {
    return regular
  }
  return Math.min(regular, Math.max(now, history.triedAt + REPAIR_GAP_MS))
}
