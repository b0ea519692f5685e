import { unlessAborted } from '../unless-aborted.ts'
import type { Feed } from './feed.ts'
import type { ReadPlan } from './plan.ts'
import { ReadAhead } from './read-ahead.ts'

/**
 * The bytes of a plan, leaf by leaf as they come, none before it is asked for. What is ahead is fetched meanwhile, as far as
 * `ReadAhead` says. When it ends, for whatever reason, nothing is needed any more.
 */
export async function* streamLeaves(
  feed: Feed,
  { file, start, end, firstLeaf, endLeaf }: ReadPlan,
  reader: object,
  signal: AbortSignal
): AsyncGenerator<Uint8Array, void, undefined> {
  const ahead = new ReadAhead({ endLeaf, leafBytes: (leaf) => feed.layout.leafBytes(leaf) })
  try {
    if (firstLeaf < endLeaf) {
      await unlessAborted(feed.begin(file), signal)
    }
    for (let leaf = firstLeaf; leaf < endLeaf; leaf++) {
      const window = ahead.at(leaf)
      if (window !== undefined) {
        await feed.need(reader, window)
      }
      const bytes = await feed.leaf(leaf, signal)
      const { offset } = feed.layout.position(leaf)
      yield bytes.subarray(Math.max(0, start - offset), Math.min(bytes.byteLength, end - offset))
    }
  } finally {
    feed.end(reader)
  }
}
