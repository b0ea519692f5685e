/** One holder that was asked again. */
export interface HolderSeen {
  /** Since it was last known to be there, in milliseconds. */
  readonly elapsedMs: number
  /** It does not answer any more. */
  readonly gone: boolean
}

/** Fewer holders say nothing: one that happens to be gone would halve the result. */
export const MIN_HOLDERS_SEEN = 20

/** The latest count; the network of yesterday is another one. Ten announcements of 20 holders. */
export const MAX_HOLDERS_SEEN = 200

const SHORTEST_MS = 60 * 1000
const LONGEST_MS = 30 * 24 * 60 * 60 * 1000

/**
 * After which time half of the holders are gone: the half-life that makes what was seen the likeliest, when nobody knows
 * the moment at which a holder went. At most 30 days, which is what it says when none is gone; `undefined` with fewer
 * than 20.
 */
export function estimateHalfLife(seen: readonly HolderSeen[]): number | undefined {
  const latest = seen.filter(({ elapsedMs }) => elapsedMs > 0).slice(-MAX_HOLDERS_SEEN)
  if (latest.length < MIN_HOLDERS_SEEN) {
    return undefined
  }
  let short = Math.log(SHORTEST_MS)
  let long = Math.log(LONGEST_MS)
  // the likelihood has one top: its slope falls with the half-life
  while (long - short > 1e-3) {
    const middle = (short + long) / 2
    if (wantsLonger(latest, Math.exp(middle))) {
      short = middle
    } else {
      long = middle
    }
  }
  return Math.exp(long)
}

/** Whether those that are still there weigh more than those that are gone. */
function wantsLonger(seen: readonly HolderSeen[], halfLifeMs: number): boolean {
  let slope = 0
  for (const { elapsedMs, gone } of seen) {
    const lives = (Math.LN2 * elapsedMs) / halfLifeMs
    slope += gone ? -lives / Math.expm1(lives) : lives
  }
  return slope > 0
}
