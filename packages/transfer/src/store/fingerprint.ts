import type { Stats } from 'node:fs'
import type { AbortOptions } from '@libp2p/interface'
import type { LeafMap } from '../leaf-map.ts'
import { eachLimit, ifThere, nodeFs, onDisk } from './fs.ts'
import type { StoreFs } from './fs.ts'
import { placeBelow } from './open-below.ts'

/** `lstat` calls at once; more only wait in libuv's pool of four threads. */
const STAT_CONCURRENCY = 8

/**
 * What the files of a share looked like when they were hashed, by index into `LeafMap.files`. Two flat arrays: a share
 * may have a million files. The size is not here, since the leaf map says it.
 */
export interface Fingerprints {
  /** Milliseconds since the Unix epoch, with the file system's own fraction; `NaN`: not recorded. */
  readonly mtimeMs: Float64Array
  /** Inode number, rounded to a double where it is larger than 2^53: it is only ever compared for equality. */
  readonly ino: Float64Array
}

/** No file recorded yet. */
export function createFingerprints(files: number): Fingerprints {
  return { mtimeMs: new Float64Array(files).fill(NaN), ino: new Float64Array(files).fill(NaN) }
}

/** Record one file. `stats` must come from the opened file that is hashed, not from its name. */
export function recordFingerprint(fingerprints: Fingerprints, file: number, stats: Stats): void {
  fingerprints.mtimeMs[file] = stats.mtimeMs
  fingerprints.ino[file] = stats.ino
}

/** Whether `file` was recorded at all. */
export function hasFingerprint(fingerprints: Fingerprints, file: number): boolean {
  return !Number.isNaN(fingerprints.mtimeMs[file] ?? NaN)
}

/** Why `stats` is not the recorded file, in words that fit `SourceChangedError`; `undefined` when it is. */
export function fingerprintProblem(
  fingerprints: Fingerprints,
  file: number,
  expectedBytes: number,
  stats: Stats
): string | undefined {
  if (!stats.isFile()) {
    return 'was replaced by something that is not a file'
  }
  // a file that was unlinked or renamed over lives on for those who have it open
  if (stats.nlink === 0) {
    return 'was removed or replaced'
  }
  if (stats.size !== expectedBytes) {
    return `changed its size from ${expectedBytes} to ${stats.size} bytes`
  }
  if (!hasFingerprint(fingerprints, file)) {
    return undefined
  }
  if (stats.ino !== fingerprints.ino[file]) {
    return 'was replaced by another file'
  }
  return stats.mtimeMs === fingerprints.mtimeMs[file] ? undefined : 'was modified'
}

/** Options of `collectFingerprints`. */
export interface CollectOptions extends AbortOptions {
  /** Indices of the files to look at. @default all */
  files?: ReadonlySet<number>
  /** For tests. @default node:fs/promises */
  fs?: StoreFs
}

/**
 * Fingerprints of all files as they are now. Files that are missing, are links, or have another size than the map says
 * stay unrecorded. `root` is the real path of the share's directory, or of its file.
 */
export async function collectFingerprints(
  map: LeafMap,
  root: string,
  { files, fs = nodeFs, signal }: CollectOptions = {}
): Promise<Fingerprints> {
  const fingerprints = createFingerprints(map.files.length)
  await eachLimit(files ?? map.files.keys(), STAT_CONCURRENCY, async (index) => {
    signal?.throwIfAborted()
    const file = map.files[index]
    if (file === undefined) {
      return
    }
    const place = placeBelow(root, file.path)
    const stats = await onDisk(place, async () => ifThere(async () => fs.lstat(place)))
    if (stats?.isFile() === true && stats.size === file.bytes) {
      recordFingerprint(fingerprints, index, stats)
    }
  })
  return fingerprints
}
