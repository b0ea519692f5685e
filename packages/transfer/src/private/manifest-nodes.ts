import type { CID } from 'multiformats/cid'
import { UnsupportedDagError } from '../errors.ts'
import { readNode } from '../unixfs-node.ts'
import { MANIFEST_NAME, MAX_MANIFEST_BYTES, SEALED_DATA_BYTES } from './constants.ts'

/** Its leaves, and a node above them. */
const MAX_MANIFEST_NODES = Math.ceil(MAX_MANIFEST_BYTES / SEALED_DATA_BYTES) + 1

/**
 * The children of blocks that have to be fetched before a manifest can be read: leaves of the manifest, which are no inner
 * nodes. To be given each block of a DAG, a parent before its children.
 *
 * @throws UnsupportedDagError for a manifest of more parts than `MAX_MANIFEST_BYTES` has.
 */
export function manifestNodes(): (cid: CID, block: Uint8Array) => CID[] {
  const wanted = new Set<string>()
  return (cid, block) => {
    const node = readNode(cid, block)
    const found: CID[] = []
    if (node.type === 'directory') {
      found.push(...node.links.filter(({ name }) => name === MANIFEST_NAME).map((link) => link.cid))
    } else if (node.type === 'file' && wanted.has(cid.toString())) {
      found.push(...node.links.map((link) => link.cid))
    }
    for (const child of found) {
      wanted.add(child.toString())
    }
    if (wanted.size > MAX_MANIFEST_NODES) {
      throw new UnsupportedDagError('a private share whose manifest is too large', cid)
    }
    return found
  }
}
