import type { CID } from 'multiformats/cid'
import type { LeafMap } from '../leaf-map.ts'
import { neededNodes } from '../needed-nodes.ts'
import { checkName } from '../paths.ts'
import { nodeKey } from '../store/node-key.ts'
import type { NodeStore } from '../store/node-store.ts'

/**
 * Copy the nodes that serving a finished share takes. Blocks of leaves that travelled as nodes are left out: they can be
 * rebuilt from the files, and would double a tree of small files. Empty files and `whole` leaves stay: they cannot.
 *
 * @param kept - leaves that are in no file, copied as they are.
 */
export async function copyInnerNodes(
  map: LeafMap,
  from: NodeStore,
  to: NodeStore,
  kept: readonly CID[] = []
): Promise<void> {
  const queue: CID[] = [map.root]
  const seen = new Set<string>()
  for (let cid = queue.pop(); cid !== undefined; cid = queue.pop()) {
    const key = nodeKey(cid)
    // an earlier copy may have ended halfway: what is there already is followed all the same
    const block = seen.has(key) ? undefined : ((await to.get(cid)) ?? (await from.get(cid)))
    seen.add(key)
    const leaf = map.find(cid)
    if (block === undefined || (leaf !== undefined && map.wrap(leaf) !== 'whole')) {
      continue
    }
    if (!to.has(cid)) {
      await to.put(cid, block)
    }
    queue.push(...neededNodes(cid, block, checkName))
  }
  for (const cid of kept) {
    const leaf = to.has(cid) ? undefined : await from.get(cid)
    if (leaf !== undefined) {
      await to.put(cid, leaf)
    }
  }
  await to.flush()
}
