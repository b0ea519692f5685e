import type { AbortOptions } from '@libp2p/interface'
import { NodeNotFoundError } from './errors.ts'
import type { GetNode } from './leaf-map-build.ts'
import type { BuiltLeafMap } from './leaf-map-compact.ts'
import { readNode } from './unixfs-node.ts'

/** A leaf and its file bytes. */
export interface InlineLeaf {
  readonly index: number
  /** A view of the node it came in. */
  readonly data: Uint8Array
}

/**
 * The file bytes of the leaves that were fetched as nodes, in order, one in memory at a time. To be run once the map
 * and a place for the bytes exist.
 *
 * @throws NodeNotFoundError when `getNode` has lost a block that the map was built from.
 */
export async function* inlineLeaves(
  map: BuiltLeafMap,
  getNode: GetNode,
  options: AbortOptions = {}
): AsyncGenerator<InlineLeaf, void, undefined> {
  for (const index of map.inline) {
    options.signal?.throwIfAborted()
    const cid = map.cid(index)
    const block = await getNode(cid, map.files[map.position(index).file]?.path ?? '')
    const node = block === undefined ? undefined : readNode(cid, block)
    if (node?.type !== 'leaf') {
      throw new NodeNotFoundError(cid)
    }
    yield { index, data: node.data }
  }
}
