import { rm } from 'node:fs/promises'
import { seededRandom } from '@p2pshare/testkit'
import { makeShare } from '../share.ts'
import type { MadeShare } from '../share.ts'

const LEAF_BYTES = 32 * 1024

/** What the processes of one run keep: a file, or a directory, of some MiB. The same seed gives the same bytes. */
export async function makeKill9Share(place: string, seed: string): Promise<MadeShare> {
  const random = seededRandom(`kill9/${seed}`)
  const leaves = 20 + random.int(60)
  const sizes =
    random.int(2) === 0
      ? { '': leaves * LEAF_BYTES - 100 }
      : Object.fromEntries(
          Array.from({ length: 8 }, (_, at) => [`d${at % 3}/f${at}`, 1 + random.int((leaves * LEAF_BYTES) / 4)])
        )
  try {
    return await makeShare(place, `kill9/${seed}`, sizes, LEAF_BYTES)
  } finally {
    await rm(place, { recursive: true, force: true })
  }
}
