import { MAX_DIGEST_BUCKETS } from './bounds.ts'
import { DIGEST_LEAVES } from './roster.ts'
import type { ClaimId } from './types.ts'

/** Members for each bucket of a digest, about. */
export const MEMBERS_PER_BUCKET = 16
export const MIN_BUCKETS = 8

const WORD = 0x1_0000_0000

/** 32 bits of a claim's id, well mixed: they are joined by XOR. */
export function claimHash(id: ClaimId): number {
  let hash = Math.imul(id ^ 0x9e37_79b9, 0x85eb_ca6b) ^ Math.imul(Math.floor(id / WORD) + 1, 0xc2b2_ae35)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d)
  hash ^= hash >>> 13
  return hash >>> 0
}

/** How the claim of a member that is held dead is named in a summary. */
export function deadId(id: ClaimId): ClaimId {
  return id % 2 === 0 ? id + 1 : id - 1
}

/** Buckets that suit a view of so many members: a power of two. */
export function bucketCount(members: number): number {
  let count = MIN_BUCKETS
  while (count < MAX_DIGEST_BUCKETS && count * MEMBERS_PER_BUCKET < members) {
    count *= 2
  }
  return count
}

/** The leaves of a view folded into so many buckets: leaf `l` is in bucket `l % count`. */
export function foldLeaves(leaves: Uint32Array, count: number): number[] {
  const buckets = new Array<number>(count).fill(0)
  for (let leaf = 0; leaf < DIGEST_LEAVES; leaf++) {
    const bucket = leaf & (count - 1)
    buckets[bucket] = ((buckets[bucket] ?? 0) ^ (leaves[leaf] ?? 0)) >>> 0
  }
  return buckets
}

/** Whether a number of buckets can be compared with. */
export function isBucketCount(count: number): boolean {
  return Number.isInteger(count) && count >= 1 && count <= MAX_DIGEST_BUCKETS && (count & (count - 1)) === 0
}

/** Numbers of the buckets in which the two views differ. */
export function differing(theirs: readonly number[], leaves: Uint32Array): number[] {
  const ours = foldLeaves(leaves, theirs.length)
  const different: number[] = []
  for (let bucket = 0; bucket < ours.length; bucket++) {
    if (ours[bucket] !== theirs[bucket]) {
      different.push(bucket)
    }
  }
  return different
}
