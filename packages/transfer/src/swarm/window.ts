/** Bounds on what may be outstanding with one peer: a bandwidth-delay product, kept shallow (SPEC.md#pipelines). */
export interface WindowLimits {
  /** Never less, so that a fast link starts fast and a leaf of 2 MiB fits twice. */
  readonly minBytes: number
  /** Never more: memory, and the lateness of decisions. */
  readonly maxBytes: number
  /** Seconds of the measured rate to keep outstanding. */
  readonly leadS: number
  /** Small leaves are bounded by number. */
  readonly maxLeaves: number
}

export const REQUEST_WINDOW: WindowLimits = Object.freeze({
  minBytes: 4 * 1024 * 1024,
  maxBytes: 16 * 1024 * 1024,
  leadS: 0.25,
  maxLeaves: 512
})

/** swarm.md's SEED_LEAD: first-pass offers need no late binding, and 0.2 to 3 s make no difference. */
export const OFFER_WINDOW: WindowLimits = Object.freeze({
  minBytes: 1024 * 1024,
  maxBytes: 16 * 1024 * 1024,
  leadS: 0.5,
  maxLeaves: 512
})

export function windowBytes(limits: WindowLimits, rateBps: number): number {
  return Math.min(Math.max(rateBps * limits.leadS, limits.minBytes), limits.maxBytes)
}
