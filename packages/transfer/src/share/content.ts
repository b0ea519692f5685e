import { InvalidMessageError } from '@p2pshare/interface'
import type { BlobStore } from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'
import { BLOCK_BYTES } from '../constants.ts'
import type { LeafMap } from '../leaf-map.ts'
import { leafBlock } from '../leaf-block.ts'
import type { NodeStore } from '../store/node-store.ts'
import { Bitfield } from '../swarm/bitfield.ts'
import type { Range } from '../swarm/bitfield.ts'
import type { View } from '../view.ts'
import type { Run } from '../wire/codec.ts'

/** Files of the user's that are the content of a share. */
export interface ContentSource {
  readonly path: string
  /** Indices of those that are there; absent: all. */
  readonly files?: ReadonlySet<number>
  /** Their names and sizes, and what their bytes have to be. */
  readonly view: View
}

/** A share whose map is known. Sets of leaves hold canonical indices. */
export interface Content {
  readonly map: LeafMap
  readonly store: BlobStore
  /** Leaves this node fetches; empty for a seed. */
  readonly missing: Bitfield
  /** Leaves this node wants at all, held ones included: what WANT says. */
  readonly wants: Bitfield
  /** More of it may be wanted at any time: sessions stay when nothing is missing. */
  readonly grows?: boolean
  /** Where it is served from in place, for those who look at the files themselves. */
  readonly source?: ContentSource
  /** Where a leaf is to be written: those of its indices that are wanted and not held. */
  places(leaf: number): readonly number[]
}

/** Every index held, twins included: a peer may be told of them in the fewest ranges. */
export function heldLeaves({ map, store }: Content): Bitfield {
  const held = new Bitfield(map.leafCount)
  for (let leaf = 0; leaf < map.leafCount; leaf++) {
    if (store.has(leaf)) {
      held.set(leaf)
      held.set(map.canonical(leaf))
    }
  }
  return held
}

/** An index under which the store holds this leaf: with `select`, its first one may be in a file that is not here. */
export function heldIndex({ map, store }: Content, leaf: number): number | undefined {
  return store.has(leaf) ? leaf : map.twins(leaf).find((twin) => store.has(twin))
}

/** Canonical leaves of ranges that a peer sent; throws `InvalidMessageError` when one is outside the share. */
export function canonicalLeaves(map: LeafMap, ranges: readonly Range[]): number[] {
  const leaves: number[] = []
  for (const { start, count } of ranges) {
    if (start + count > map.leafCount) {
      throw new InvalidMessageError(`leaf ${start + count - 1} of ${map.leafCount}`)
    }
    for (let leaf = start; leaf < start + count; leaf++) {
      leaves.push(map.canonical(leaf))
    }
  }
  return leaves
}

/** The same runs of canonical leaves; throws `InvalidMessageError` when one reaches outside its leaf. */
export function canonicalRuns(map: LeafMap, runs: readonly Run[]): Run[] {
  return runs.map(({ leaf, first, count }) => {
    if (leaf >= map.leafCount || (first + count - 1) * BLOCK_BYTES >= map.leafBytes(leaf)) {
      throw new InvalidMessageError(`run of ${count} blocks from ${first} of leaf ${leaf}`)
    }
    return { leaf: map.canonical(leaf), first, count }
  })
}

/** The block of a leaf by its CID, for peers that must look at it to know that it is a leaf. */
export async function leafBlockOf(content: Content, cid: CID): Promise<Uint8Array | undefined> {
  const leaf = content.map.find(cid)
  const held = leaf === undefined ? undefined : heldIndex(content, leaf)
  return held === undefined ? undefined : leafBlock(content.map, held, await content.store.read(held))
}

/** A block of a share that is open, or is being fetched: an inner node, or a leaf. */
export async function blockOf(
  { nodes, content }: { readonly nodes?: NodeStore; readonly content?: Content },
  cid: CID
): Promise<Uint8Array | undefined> {
  const node = await nodes?.get(cid)
  return node ?? (content === undefined ? undefined : leafBlockOf(content, cid))
}

/** The block of a leaf that can be had without waiting; `undefined` says nothing about it. */
export function blockNow({ map, store, ...content }: Content, cid: CID): Uint8Array | undefined {
  const leaf = map.find(cid)
  const held = leaf === undefined ? undefined : heldIndex({ map, store, ...content }, leaf)
  const data = held === undefined ? undefined : store.readNow?.(held)
  return held === undefined || data === undefined ? undefined : leafBlock(map, held, data)
}

/** A share that is complete here. */
export function seedContent(map: LeafMap, store: BlobStore, source?: ContentSource): Content {
  const none = new Bitfield(map.leafCount)
  return { map, store, missing: none, wants: none, places: () => [], ...(source && { source }) }
}
