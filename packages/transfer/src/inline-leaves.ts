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
    yield { index, data: await dataOf(map, getNode, index) }
  }
}

/** The file bytes of one leaf if it was fetched as a node. Throws as `inlineLeaves` does. */
export async function inlineLeaf(map: BuiltLeafMap, getNode: GetNode, index: number): Promise<Uint8Array | undefined> {
  let low = 0
  let high = map.inline.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((map.inline[middle] ?? Infinity) < index) {
      low = middle + 1
    } else {
      high = middle
    }
  }
  return map.inline[low] === index ? dataOf(map, getNode, index) : undefined
}

async function dataOf(map: BuiltLeafMap, getNode: GetNode, index: number): Promise<Uint8Array> {
  const cid = map.cid(index)
  const block = await getNode(cid, map.files[map.position(index).file]?.path ?? '')
  const node = block === undefined ? undefined : readNode(cid, block)
  if (node?.type !== 'leaf') {
    throw new NodeNotFoundError(cid)
  }
  return node.data
}
