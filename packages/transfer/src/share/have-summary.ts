import type { HaveSummary } from '@p2pshare/interface'

/** Parts of a share in a summary: 64 bytes, a bit each. */
export const SUMMARY_PARTS = 512

/**
 * What is held of a share, in few bytes: a count, and for each of at most `SUMMARY_PARTS` parts of equal length whether
 * all of it is held. Looks at every leaf while neither all nor nothing is held.
 */
export function summarize(leaves: number, held: number, has: (leaf: number) => boolean): HaveSummary {
  if (held <= 0 || held >= leaves) {
    return { leaves, held: Math.max(0, Math.min(held, leaves)) }
  }
  const parts = Math.min(leaves, SUMMARY_PARTS)
  const map = new Uint8Array(Math.ceil(parts / 8))
  for (let part = 0; part < parts; part++) {
    if (isWhole(Math.floor((part * leaves) / parts), Math.floor(((part + 1) * leaves) / parts), has)) {
      map[part >> 3] = (map[part >> 3] ?? 0) | (1 << (part & 7))
    }
  }
  return { leaves, held, map }
}

function isWhole(from: number, to: number, has: (leaf: number) => boolean): boolean {
  for (let leaf = from; leaf < to; leaf++) {
    if (!has(leaf)) {
      return false
    }
  }
  return true
}
