import type { Bitfield } from './bitfield.ts'
import type { PeerKey } from './effects.ts'

/** What a policy needs to know of a share. Leaves are canonical indices everywhere in the policy. */
export interface SharePolicyInit {
  readonly leafCount: number
  leafBytes(leaf: number): number
  /** Leaves held when the policy is made. Belongs to the policy from then on. */
  readonly have: Bitfield
  /** Leaves that are wanted and not held. */
  readonly missing: Iterable<number>
  /** Where the first pass of a node that has everything begins, in `[0, leafCount)`: seeders of a share start apart. */
  readonly firstOffer: number
  /** Uniform in [0, 1). */
  random(): number
  /**
   * Whether a frame to the peer would go out now, without waiting for what was sent before it.
   *
   * @default always
   */
  canTake?(peer: PeerKey): boolean
  /**
   * Leaves that a peer which has sent none is asked for at once; each right one adds one.
   *
   * @default MAX_WRONG_LEAVES
   */
  readonly trust?: number
}

/** The mean leaf, never 0, and the largest one. */
export function measureShare(init: SharePolicyInit): { mean: number; largest: number } {
  const { leafCount } = init
  let sum = 0
  let largest = 1
  for (let leaf = 0; leaf < leafCount; leaf++) {
    const bytes = init.leafBytes(leaf)
    sum += bytes
    largest = Math.max(largest, bytes)
  }
  return { mean: Math.max(sum / Math.max(leafCount, 1), 1), largest }
}
