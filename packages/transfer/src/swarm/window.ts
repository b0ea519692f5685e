/**
 * Work an uploader keeps promised, in time of its uplink, beside the round trip to whom it promises next. It absorbs what
 * disks, event loops and paths do to the timing of answers: 50 to 200 ms do as well, under 20 ms uplinks run dry, from
 * 500 ms on decisions are late (docs/swarm-scheduling.md).
 */
export const LEAD_MS = 80

/** The same for offers of the first pass: they name the leaf, so nothing is decided too early. */
export const SEED_LEAD_MS = 500

/** Never promise further ahead than this, whatever the round trip is. */
export const MAX_LEAD_MS = LEAD_MS + 200
/** The same for offers of the first pass. */
export const MAX_SEED_LEAD_MS = SEED_LEAD_MS + 200

/** Promised while nothing is known of the uplink: enough for a fast one to start, little for a slow one to be wrong. */
export const START_WINDOW_BYTES = 1024 * 1024

/** Never more, on the fastest link: a third of what a receiver keeps for all its sources together. */
export const MAX_WINDOW_BYTES = 16 * 1024 * 1024

/** A fast uploader with small leaves waits until this part of the window is free, so that a grant names many. */
export const REFILL_PART = 1 / 8

/**
 * For offers: or what its uplink does in this time, if that is more. On a fast link a message for each leaf costs more CPU
 * than to encrypt the leaf.
 */
export const REFILL_MS = 20

/** But never more than this part, or the uplink would run dry. */
export const MAX_REFILL_PART = 1 / 2

/** Bytes an uplink of this many bytes a millisecond may have promised. */
export function windowBytes(perMs: number | undefined, leadMs: number): number {
  return perMs === undefined ? START_WINDOW_BYTES : Math.min(perMs * leadMs, MAX_WINDOW_BYTES)
}

/** U1: room below which nothing is promised. */
export function refillBytes(perMs: number | undefined, leadMs: number, refillMs: number): number {
  const window = windowBytes(perMs, leadMs)
  return Math.min(Math.max(window * REFILL_PART, (perMs ?? 0) * refillMs), window * MAX_REFILL_PART)
}
