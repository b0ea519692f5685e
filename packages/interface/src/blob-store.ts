import type { AbortOptions } from '@libp2p/interface'

/** The leaves of one share as plain indices. */
export interface BlobLayout {
  readonly leafCount: number
  readonly totalBytes: number
  /** Bytes of file data in leaf `index`; throws `RangeError` outside `[0, leafCount)`. */
  leafBytes(index: number): number
}

/** How one leaf is read. */
export interface ReadLeafOptions extends AbortOptions {
  /**
   * Read into this buffer instead of a new one; the result is a view of it. Shorter than `leafBytes(index)` is a
   * `RangeError`.
   */
  into?: Uint8Array
}

/**
 * Where the bytes of one share live. It neither hashes nor decides: callers verify before `write` and ask `has`
 * before `read`. `blobStoreCompliance` from `@p2pshare/testkit` is the definition in code.
 */
export interface BlobStore {
  readonly layout: BlobLayout
  /** Leaves held. */
  readonly haveCount: number
  /** Whether the bytes of leaf `index` are here; false outside the layout. */
  has(index: number): boolean
  /** Rejects with `LeafNotFoundError` when `has(index)` is false. */
  read(index: number, options?: ReadLeafOptions): Promise<Uint8Array>
  /**
   * Keep verified bytes. When it resolves, `has(index)` is true and the leaf survives the death of the process. The
   * buffer belongs to the caller again. Writing a leaf twice is harmless. Rejects with `ReadOnlyStoreError` on a
   * store that only serves, and with `RangeError`, keeping nothing, for a wrong length or an index outside the layout.
   */
  write(index: number, bytes: Uint8Array, options?: AbortOptions): Promise<void>
  /** All leaves are here: sync them, give the content its final name. Idempotent. */
  complete(options?: AbortOptions): Promise<void>
  /** Release files. State stays; a store opened on the same place has the same leaves. */
  close(): Promise<void>
}
