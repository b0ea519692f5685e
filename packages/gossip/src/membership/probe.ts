import { MAX_LOCAL_HEALTH } from './bounds.ts'

/** Weight of a new round trip. */
const RTT_GAIN = 1 / 8

/**
 * Whether silence may be held against somebody: so many `witnesses` among our other subjects, or all there are, have
 * answered since. Else the silence is more likely ours. Who has heard nobody for `isolationMs` is alone, and says so.
 */
export function mayAccuse(
  answered: number,
  others: number,
  witnesses: number,
  silentMs: number,
  isolationMs: number
): boolean {
  return answered >= Math.min(witnesses, others) || silentMs >= isolationMs
}

/** A timeout as this node's doubt in itself stretches it. */
export function stretch(timeoutMs: number, localHealth: number): number {
  return timeoutMs * (1 + localHealth)
}

/** One step more doubt. */
export function worse(localHealth: number, most: number): number {
  return Math.min(MAX_LOCAL_HEALTH, most, localHealth + 1)
}

/** One step less. */
export function better(localHealth: number): number {
  return Math.max(0, localHealth - 1)
}

/** A smoothed round trip. */
export function smooth(rttMs: number | undefined, sampleMs: number): number {
  return rttMs === undefined ? sampleMs : rttMs + (sampleMs - rttMs) * RTT_GAIN
}
