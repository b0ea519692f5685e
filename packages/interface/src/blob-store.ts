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
  /** Read into this buffer instead of a new one; the result is a view of it. Too short for what is read: `RangeError`. */
  into?: Uint8Array
  /** First byte of the leaf to read. `RangeError` unless it is within the leaf. @default 0 */
  start?: number
  /** Bytes to read. `RangeError` unless they are within the leaf. @default all from `start` on */
  bytes?: number
}

/**
 * Where somebody else writes the bytes of a leaf, another thread for example. One of its methods must be called, once:
 * until then the file stays open, and the store waits with `complete` and `close`.
 */
export interface LeafPlace {
  /** An open file. */
  readonly fd: number
  /** Byte offset in it. */
  readonly position: number
  /** All verified bytes are there. What holds when `write` resolves holds when this does. */
  done(): Promise<void>
  /**
   * They are not, and the leaf is not held. With what the system said, it rejects as `write` would have; without, it
   * resolves.
   */
  failed(error?: unknown): Promise<void>
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
   * The bytes of leaf `index` if they can be had without waiting, of small files in memory for example; `undefined` says
   * nothing about it: `read` does. Stores that always wait leave it out.
   */
  readNow?(index: number): Uint8Array | undefined
  /**
   * Keep verified bytes. When it resolves, `has(index)` is true and the leaf survives the death of the process. The
   * buffer belongs to the caller again. Writing a leaf twice is harmless. Rejects with `ReadOnlyStoreError` on a
   * store that only serves, and with `RangeError`, keeping nothing, for a wrong length or an index outside the layout.
   */
  write(index: number, bytes: Uint8Array, options?: AbortOptions): Promise<void>
  /**
   * Where leaf `index` is to be written, for those who write without `write`; `undefined` when it is held already.
   * Rejects as `write` does. Stores that do not keep leaves in files leave it out.
   */
  place?(index: number, options?: AbortOptions): Promise<LeafPlace | undefined>
  /** All leaves are here: sync them, give the content its final name. Idempotent. */
  complete(options?: AbortOptions): Promise<void>
  /** Release files. State stays; a store opened on the same place has the same leaves. */
  close(): Promise<void>
}
