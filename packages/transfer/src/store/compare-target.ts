import type { AbortOptions } from '@libp2p/interface'
import { SourceChangedError } from '../errors.ts'
import type { LeafMap } from '../leaf-map.ts'
import { createFingerprints } from './fingerprint.ts'
import type { Fingerprints } from './fingerprint.ts'
import { hasErrno, ifThere, nodeFs, onDisk } from './fs.ts'
import type { StoreFs } from './fs.ts'
import { placeBelow } from './open-below.ts'
import type { LeafVerifier } from './recover.ts'
import { openSeedStore } from './seed-store.ts'
import { wantedDirectories } from './tree.ts'

/** Options of `compareTarget`. */
export interface CompareOptions extends AbortOptions {
  /** Indices of the files to compare. @default all */
  files?: ReadonlySet<number>
  /** Called after each leaf with the bytes compared so far; must not block. */
  onProgress?: (bytesDone: number) => void
  /** Filled with what the compared files look like, to serve them afterwards. @default nothing is recorded */
  fingerprints?: Fingerprints
  /** For tests. @default node:fs/promises */
  fs?: StoreFs
}

/**
 * Whether the content of a share is already at `target`. Sizes first, then every leaf is read and hashed; the first
 * difference ends it. Files beside those of the share do not matter: `equal` says that the content is there, not that
 * nothing else is. A symlink at the target or below it counts as different.
 */
export async function compareTarget(
  map: LeafMap,
  target: string,
  verify: LeafVerifier,
  options: CompareOptions = {}
): Promise<'absent' | 'equal' | 'different'> {
  const { files, signal } = options
  const fs = options.fs ?? nodeFs
  signal?.throwIfAborted()
  const found = await onDisk(target, async () => ifThere(async () => fs.lstat(target)))
  if (found === undefined) {
    return 'absent'
  }
  if (map.kind === 'directory' ? !found.isDirectory() : !found.isFile()) {
    return 'different'
  }
  const root = await onDisk(target, async () => fs.realpath(target))
  return (await hasShape(map, root, fs, options)) && (await hasBytes()) ? 'equal' : 'different'

  async function hasBytes(): Promise<boolean> {
    const fingerprints = options.fingerprints ?? createFingerprints(map.files.length)
    const store = await openSeedStore(map, root, { fs, fingerprints, ...(files && { files }) })
    const progress = { bytes: 0 }
    let buffer = new Uint8Array()
    try {
      for (let index = 0; index < map.leafCount; index++) {
        if (store.has(index)) {
          const length = map.leafBytes(index)
          buffer = buffer.byteLength < length ? new Uint8Array(length) : buffer
          const leaf = await store.read(index, { into: buffer, ...(signal && { signal }) })
          if (!(await verify(index, leaf))) {
            return false
          }
          progress.bytes += length
          options.onProgress?.(progress.bytes)
        }
      }
      return true
    } catch (error) {
      if (error instanceof SourceChangedError) {
        return false
      }
      throw error
    } finally {
      await store.close()
    }
  }
}

/** Whether all files have their sizes and all directories are there. */
async function hasShape(map: LeafMap, root: string, fs: StoreFs, { files, signal }: CompareOptions): Promise<boolean> {
  try {
    for (const path of map.kind === 'directory' ? wantedDirectories(map, files) : []) {
      signal?.throwIfAborted()
      const place = placeBelow(root, path)
      if (!(await onDisk(place, async () => fs.lstat(place))).isDirectory()) {
        return false
      }
    }
    for (const file of files ?? map.files.keys()) {
      signal?.throwIfAborted()
      const entry = map.files[file]
      const place = placeBelow(root, entry?.path ?? '')
      const stats = await onDisk(place, async () => fs.lstat(place))
      if (!stats.isFile() || stats.size !== entry?.bytes) {
        return false
      }
    }
    return true
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) {
      return false
    }
    throw error
  }
}
