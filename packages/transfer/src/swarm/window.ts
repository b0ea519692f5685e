/** Bounds on what may be outstanding with one peer: a bandwidth-delay product, kept shallow (SPEC.md#pipelines). */
export interface WindowLimits {
  /** Never less, so that a fast link starts fast. */
  readonly minBytes: number
  /** Never more: memory, and the lateness of decisions. */
  readonly maxBytes: number
  /** Seconds of the measured rate to keep outstanding. */
  readonly leadS: number
  /** Small leaves are bounded by number. */
  readonly maxLeaves: number
}

/** What a receiver may have asked of one peer. The least has room for the largest leaf twice. */
export const REQUEST_WINDOW: WindowLimits = Object.freeze({
  minBytes: 4 * 1024 * 1024,
  maxBytes: 16 * 1024 * 1024,
  leadS: 0.25,
  maxLeaves: 512
})

/**
 * What may be offered to one peer and not announced. The lead may be long, since offers of the first pass need not be
 * decided late. The least is small: in a share not much larger than the windows, the first to come would get it all.
 */
export const OFFER_WINDOW: WindowLimits = Object.freeze({
  minBytes: 1024 * 1024,
  maxBytes: 16 * 1024 * 1024,
  leadS: 0.5,
  maxLeaves: 512
})

/** Bytes that may be outstanding at this rate. */
export function windowBytes(limits: WindowLimits, rateBps: number): number {
  return Math.min(Math.max(rateBps * limits.leadS, limits.minBytes), limits.maxBytes)
}
