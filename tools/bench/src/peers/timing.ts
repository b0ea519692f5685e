import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SmallJob } from './small-job.ts'

/** Numbers from `from` up to, not including, `to`. */
export function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index)
}

/** Fetches one blob after the other; the time to compare each with its source does not count. */
export async function timeEach(
  { blobs }: Pick<SmallJob, 'blobs'>,
  indices: readonly number[],
  fetch: (index: number) => Promise<Uint8Array>
): Promise<number[]> {
  const times: number[] = []
  for (const index of indices) {
    const start = performance.now()
    const bytes = await fetch(index)
    times.push(performance.now() - start)
    if (Buffer.compare(bytes, readFileSync(join(blobs, String(index)))) !== 0) {
      throw new Error(`blob ${index} differs from its source`)
    }
  }
  return times
}
