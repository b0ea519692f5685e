import type { BlobLayout } from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'

/**
 * How a leaf's file bytes become the block its CID names. `raw`: the bytes are the block. `pb-file`, `pb-raw`: a dag-pb
 * node around a UnixFS `File` or `Raw` message, rebuilt byte for byte by the receiver. `whole`: an envelope that does
 * not rebuild; the block itself is kept among the inner nodes and travels as one of them.
 */
export type LeafWrap = 'raw' | 'pb-file' | 'pb-raw' | 'whole'

export interface FileEntry {
  /** `/`-joined path below the root, every part already through `paths.ts`; `''` when the share is a single file. */
  readonly path: string
  readonly bytes: number
  /** An empty file has no leaves. */
  readonly firstLeaf: number
  readonly leafCount: number
}

export interface SymlinkEntry {
  readonly path: string
  readonly target: string
}

export interface LeafPosition {
  /** Index into `LeafMap.files`. */
  readonly file: number
  /** Byte offset of the leaf in that file. */
  readonly offset: number
}

/**
 * A share flattened depth-first: leaf index <-> CID <-> (file, offset, length). Equal on every node that knows the
 * root, since it is a function of the DAG alone (SPEC.md#leaf-map).
 */
export interface LeafMap extends BlobLayout {
  readonly root: CID
  readonly kind: 'file' | 'directory'
  readonly files: readonly FileEntry[]
  /** Every directory below the root, parents first; empty ones included. */
  readonly directories: readonly string[]
  /** Recorded, not created (docs/adr). */
  readonly symlinks: readonly SymlinkEntry[]
  /** Inner nodes of the DAG and their bytes, for the overhead line of a report. */
  readonly nodeCount: number
  readonly nodeBytes: number
  cid(index: number): CID
  /** A view, 32 bytes of SHA-256. Do not change it. */
  digest(index: number): Uint8Array
  wrap(index: number): LeafWrap
  position(index: number): LeafPosition
  /** The first index that has the same CID. Equal leaves are fetched once, under this index. */
  canonical(index: number): number
  /** All indices with the CID of `index`, ascending, itself included. */
  twins(index: number): readonly number[]
  /** The index whose block has this CID, if a leaf has it. */
  find(cid: CID): number | undefined
}
