import { verifyLeaf } from './leaf-block.ts'
import type { LeafMap } from './leaf-map.ts'
import type { ShareSecret } from './private/secret.ts'
import type { DownloadStore } from './store/download-store.ts'
import type { BlobStore } from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'

/** What a download makes of a DAG: files as they are on the disk, and leaves as peers exchange them. */
export interface View {
  /** Files with their names and sizes. Leaves have the indices that they have in the DAG. */
  readonly layout: LeafMap
  /** Leaves that are in none of the files: they are kept with the inner nodes. */
  readonly kept: readonly CID[]
  /** What opens it; absent for a share that everybody can read. */
  readonly secret?: ShareSecret
  /** Whether what is on the disk is leaf `index`. */
  verify(index: number, data: Uint8Array): boolean
  /** The leaves that peers exchange, over a store of `layout`. */
  download(store: DownloadStore): DownloadStore
  /** The same for a share that is complete. */
  serve(store: BlobStore): BlobStore
  /** What leaf `index` of the layout, as peers exchange it, is in its file; `undefined`: no key opens it. */
  plain(index: number, leaf: Uint8Array): Uint8Array | undefined
}

/** What everybody sees: the DAG itself. */
export function publicView(map: LeafMap): View {
  return {
    layout: map,
    kept: [],
    verify: (index, data) => verifyLeaf(map, index, data),
    download: (store) => store,
    serve: (store) => store,
    plain: (_, leaf) => leaf
  }
}
