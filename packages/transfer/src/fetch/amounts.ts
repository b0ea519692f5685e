import type { BlobStore } from '@p2pshare/interface'
import type { LeafMap } from '../leaf-map.ts'
import type { Content } from '../share/content.ts'

/** Bytes that are wanted of a share, and how many of them are here. */
export interface Amounts {
  readonly bytesTotal: number
  readonly bytesHave: number
}

/** @param files - indices of the files that are wanted; `undefined`: all. */
export function amountsOf(layout: LeafMap, { map, store, wants }: Content, files?: ReadonlySet<number>): Amounts {
  let bytesTotal = 0
  let bytesHave = 0
  for (let leaf = 0; leaf < layout.leafCount; leaf++) {
    if (wants.has(map.canonical(leaf)) && (files?.has(map.position(leaf).file) ?? true)) {
      bytesTotal += map.leafBytes(leaf)
      bytesHave += store.has(leaf) ? map.leafBytes(leaf) : 0
    }
  }
  return { bytesTotal, bytesHave }
}

/** Whether a file was fetched: it has leaves, and every one is here. */
export function wasFetched(layout: LeafMap, store: Pick<BlobStore, 'has'>, file: number): boolean {
  const { firstLeaf = 0, leafCount = 0 } = layout.files[file] ?? {}
  for (let leaf = firstLeaf; leaf < firstLeaf + leafCount; leaf++) {
    if (!store.has(leaf)) {
      return false
    }
  }
  return leafCount > 0
}
