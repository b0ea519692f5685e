import type { AbortOptions } from '@libp2p/interface'
import type { StoreFs } from './fs.ts'
import type { LeafVerifier } from './recover.ts'

/** Options of `openDownloadStore`. */
export interface DownloadStoreOptions extends AbortOptions {
  /** Directory for the unfinished content, on the file system of `target`: `partialPath(target)`. */
  partial: string
  /** The file or directory that the content becomes. Nothing that is there is ever replaced. */
  target: string
  /** Hashes leaves that were written after the last checkpoint of a run that did not end well. */
  verify: LeafVerifier
  /** Indices of the files to fetch; only they exist in the target. See `select`. @default all */
  files?: ReadonlySet<number>
  /** Files kept open. @default MAX_OPEN_FILES (64) */
  maxOpenFiles?: number
  /** Bytes written before they are brought to the disk. @default CHECKPOINT_BYTES (64 MiB) */
  checkpointBytes?: number
  /** The longest time that written bytes stay only in memory while more are written. @default CHECKPOINT_AFTER_MS (2_000) */
  checkpointAfterMs?: number
  /** A clock in milliseconds that never goes back. @default performance.now */
  now?: () => number
  /** For tests. @default node:fs/promises */
  fs?: StoreFs
}
