import { BlockKind, blockKindOf } from './block-kind.ts'
import type { Blocks } from './block/blocks.ts'
import type { DownloadMonitor } from './download.ts'
import type { Entry } from './share/entry.ts'
import type { GetOptions } from './types.ts'

/**
 * The verified block of a root that is a leaf, which is then the whole share: the peers that were named can send it without
 * a session. `undefined` where there is nobody to ask, or more to fetch.
 */
export function fetchRootBlock(
  blocks: Blocks | undefined,
  { root, seek }: Pick<Entry, 'root' | 'seek'>,
  { providers = [] }: GetOptions,
  monitor: Pick<DownloadMonitor, 'received'>
): Promise<Uint8Array | undefined> | undefined {
  if (providers.length === 0 || blockKindOf(root) !== BlockKind.raw) {
    return undefined
  }
  return blocks?.root(root, providers, { signal: seek.signal }).then((found) => {
    if (found !== undefined) {
      monitor.received(found.peer, found.block.byteLength)
    }
    return found?.block
  })
}
