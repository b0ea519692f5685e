import { cidBytes } from '../block-kind.ts'
import type { EncodedNode } from './encode.ts'
import { DIRECTORY_DATA, linkBytes, makeNode } from './encode.ts'
import { hamtNodes } from './hamt.ts'
import type { BlockRef, LinkList } from './link-list.ts'
import type { Profile } from './profile.ts'

/** What the profile compares with its threshold. */
export function estimateDirectory(entries: LinkList, profile: Profile): number {
  const exact = profile.hamtEstimate === 'block-bytes'
  let size = exact ? 2 + DIRECTORY_DATA.byteLength : 0
  for (let index = 0; index < entries.length; index++) {
    const nameBytes = Buffer.byteLength(entries.name(index))
    const kind = entries.kind(index)
    size += exact ? linkBytes(nameBytes, kind, entries.tsize(index)) : nameBytes + cidBytes(kind)
  }
  return size
}

/**
 * The nodes of a directory, children first; returns its root: one node, or a HAMT when that would be larger than the
 * profile's threshold.
 *
 * @param entries - in byte order of their names.
 */
export function* directoryNodes(entries: LinkList, profile: Profile): Generator<EncodedNode, BlockRef, undefined> {
  // adding an entry is what makes Kubo look: without any, no threshold is too low
  if (entries.length > 0 && estimateDirectory(entries, profile) > profile.hamtThresholdBytes) {
    return yield* hamtNodes(entries, profile)
  }
  const { node, ref } = makeNode(entries, DIRECTORY_DATA, profile)
  yield node
  return ref
}
