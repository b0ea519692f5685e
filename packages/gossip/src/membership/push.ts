import { MAX_CLAIMS_BYTES } from './bounds.ts'
import type { Claim } from './types.ts'

/** Fewest links that claims come in on at once: one may die. In a burst, what is lost is left to the comparisons. */
export const MIN_EAGER = 2
export const MIN_EAGER_IN_BURST = 1

/**
 * Most links that claims come in on at once, however rare they are: eight bring each to a thousand members in four hops, and
 * one of them is left when half of all members die. Each more is a message that says nothing new, and costs work at both ends.
 */
export const MAX_EAGER = 8

/** So many claims a second are a burst: a partition that heals, or hundreds that end at once. */
export const BURST_PER_SECOND = 10

/** Or so many in hardly more than a second, as it begins: by then seven copies of each have come. */
export const ONSET_PER_SECOND = 20

/** Bytes of a pushed claim on the wire with what is around it: a signed claim, frame, Noise, yamux, TCP and IP. */
export const PUSHED_BYTES = 184

/** Claims are counted over about so long. */
export const RATE_WINDOW_MS = 20_000
export const ONSET_WINDOW_MS = 1_500

/**
 * Links that may push to us at this rate of claims a second: `MAX_EAGER` while claims are rare. `isBurst`: much that members
 * say about themselves; of that, one link brings enough.
 */
export function eagerCount(claimsPerSecond: number, isBurst: boolean, bytesPerSecond: number): number {
  return isBurst
    ? MIN_EAGER_IN_BURST
    : Math.min(MAX_EAGER, Math.max(MIN_EAGER, bytesPerSecond / (claimsPerSecond * PUSHED_BYTES)))
}

/** Claims a second, exponentially weighted. */
export class ClaimRate {
  readonly #windowMs: number
  #rate = 0
  #at = 0

  constructor(windowMs: number) {
    this.#windowMs = windowMs
  }

  add(now: number): void {
    this.#rate = this.at(now) + 1000 / this.#windowMs
    this.#at = now
  }

  at(now: number): number {
    return this.#rate === 0 ? 0 : this.#rate * Math.exp((this.#at - now) / this.#windowMs)
  }
}

/** Claims in messages of at most so many, and of `MAX_CLAIMS_BYTES`. */
export function chunkClaims(claims: readonly Claim[], most: number): (readonly Claim[])[] {
  let bytes = 0
  for (const claim of claims) {
    bytes += claim.bytes
  }
  if (claims.length <= most && bytes <= MAX_CLAIMS_BYTES) {
    return [claims]
  }
  const chunks: Claim[][] = []
  let chunk: Claim[] = []
  bytes = 0
  for (const claim of claims) {
    if (chunk.length === most || (bytes + claim.bytes > MAX_CLAIMS_BYTES && chunk.length > 0)) {
      chunks.push(chunk)
      chunk = []
      bytes = 0
    }
    chunk.push(claim)
    bytes += claim.bytes
  }
  if (chunk.length > 0) {
    chunks.push(chunk)
  }
  return chunks
}
