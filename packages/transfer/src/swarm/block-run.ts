import { BLOCK_BYTES } from '../constants.ts'
import type { Run } from '../wire/codec.ts'

/** Blocks of a leaf of so many bytes; the last one may be shorter. */
export function blockCount(leafBytes: number): number {
  return Math.ceil(leafBytes / BLOCK_BYTES)
}

/** Bytes of a run in a leaf of so many bytes; 0 for what is outside of it. */
export function runBytes({ first, count }: Run, leafBytes: number): number {
  return Math.max(0, Math.min(leafBytes, (first + count) * BLOCK_BYTES) - first * BLOCK_BYTES)
}

/** Ascending blocks of one leaf as runs. */
export function toRuns(leaf: number, blocks: Iterable<number>): Run[] {
  const runs: Array<{ leaf: number; first: number; count: number }> = []
  for (const block of blocks) {
    const last = runs.at(-1)
    if (last !== undefined && last.first + last.count === block) {
      last.count++
    } else {
      runs.push({ leaf, first: block, count: 1 })
    }
  }
  return runs
}
