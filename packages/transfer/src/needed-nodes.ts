import type { CID } from 'multiformats/cid'
import { BlockKind } from './block-kind.ts'
import { readNode } from './unixfs-node.ts'

/**
 * The children of a verified block that must be fetched as nodes before a leaf map can be built: inner nodes, and
 * dag-pb children of directories, which cannot be told from them. Leaves are left out. Each CID once, in link order.
 *
 * A root is always fetched, a raw one too: nothing else says how long it is.
 *
 * @param checkName - throws for a name that must not become a path; a hostile directory is refused before more of it
 *   is asked for.
 * @throws UnsupportedDagError, InvalidMessageError, or what `checkName` throws.
 */
export function neededNodes(cid: CID, block: Uint8Array, checkName: (name: string) => unknown): CID[] {
  const node = readNode(cid, block)
  const needed = new Map<string, CID>()
  const add = (child: CID): void => {
    needed.set(child.toString(), child)
  }
  switch (node.type) {
    case 'leaf':
    case 'symlink':
      break
    case 'file':
      for (const link of node.links) {
        if (!link.leaf) {
          add(link.cid)
        }
      }
      break
    case 'directory':
    case 'shard':
      for (const link of node.links) {
        if (link.name !== '') {
          checkName(link.name)
        }
        if (link.kind !== BlockKind.raw) {
          add(link.cid)
        }
      }
      break
  }
  return [...needed.values()]
}
