import { NotShareableError } from '../errors.ts'
import { FANOUT, MAX_HAMT_DEPTH, slotLabel, slotsOf } from '../hamt-node.ts'
import type { EncodedNode } from './encode.ts'
import { makeNode, shardData } from './encode.ts'
import type { BlockRef } from './link-list.ts'
import { LinkList } from './link-list.ts'
import type { Profile } from './profile.ts'

/**
 * The nodes of a HAMT directory, children first; returns its root. The shape depends on the names alone, as if they had
 * been inserted one by one.
 *
 * @throws NotShareableError when two names have the same 64-bit hash: no importer can tell them apart.
 */
export function* hamtNodes(entries: LinkList, profile: Profile): Generator<EncodedNode, BlockRef, undefined> {
  const hashes = new Uint8Array(entries.length * MAX_HAMT_DEPTH)
  for (let index = 0; index < entries.length; index++) {
    hashes.set(slotsOf(entries.name(index)), index * MAX_HAMT_DEPTH)
  }
  return yield* shardNodes(
    Array.from({ length: entries.length }, (_, index) => index),
    0
  )

  function* shardNodes(members: readonly number[], depth: number): Generator<EncodedNode, BlockRef, undefined> {
    const [first] = members
    if (depth === MAX_HAMT_DEPTH && first !== undefined) {
      throw new NotShareableError(entries.name(first), 'its name has the same hash as that of its neighbour')
    }
    const buckets = new Map<number, number[]>()
    for (const index of members) {
      const slot = hashes[index * MAX_HAMT_DEPTH + depth] ?? 0
      const bucket = buckets.get(slot)
      if (bucket === undefined) {
        buckets.set(slot, [index])
      } else {
        bucket.push(index)
      }
    }
    const links = new LinkList()
    const slots: number[] = []
    for (let slot = 0; slot < FANOUT; slot++) {
      const bucket = buckets.get(slot)
      const [only] = bucket ?? []
      if (bucket === undefined || only === undefined) {
        continue
      }
      slots.push(slot)
      if (bucket.length === 1) {
        links.add(slotLabel(slot) + entries.name(only), entries.ref(only))
      } else {
        links.add(slotLabel(slot), yield* shardNodes(bucket, depth + 1))
      }
    }
    const { node, ref } = makeNode(links, shardData(slots), profile)
    yield node
    return ref
  }
}
