import type { AbortOptions } from '@libp2p/interface'
import { SourceChangedError } from '../errors.ts'
import type { LeafMap } from '../leaf-map.ts'
import { createFingerprints } from './fingerprint.ts'
import type { Fingerprints } from './fingerprint.ts'
import { hasErrno, nodeFs, onDisk } from './fs.ts'
import type { StoreFs } from './fs.ts'
import { placeBelow } from './open-below.ts'
import type { LeafVerifier } from './recover.ts'
import { openSeedStore } from './seed-store.ts'
import { MISSING } from './whereabouts.ts'
import type { Devices } from './whereabouts.ts'

/** A file that is not what was shared. */
export interface DamagedFile {
  /** Below the root of the share; `''` for a share that is one file. */
  readonly path: string
  /** `was moved or removed`, `3 of 7 leaves do not match their hash` ... */
  readonly problem: string
}

/** What became of the content of a share. */
export interface ContentReport {
  /** Bytes that were read and are right. */
  readonly bytes: number
  readonly damaged: readonly DamagedFile[]
  /** What the files look like now; those that are damaged are not recorded. */
  readonly fingerprints: Fingerprints
}

/** Options of `verifyContent`. */
export interface VerifyContentOptions extends AbortOptions {
  readonly verify: LeafVerifier
  /** Indices of the files to read. @default all */
  readonly files?: ReadonlySet<number> | undefined
  /** The file systems that the share was on. @default not known */
  readonly devices?: Devices | undefined
  /** Called after each leaf with the bytes read so far; must not block. */
  readonly onProgress?: ((bytesDone: number) => void) | undefined
  /** For tests. @default node:fs/promises */
  readonly fs?: StoreFs
}

/**
 * Read and hash every leaf of a share, whatever its files look like: one that was only touched, or put back, is right.
 *
 * @param path - where the content is.
 * @throws DiskError for what cannot be read, with `ENODEV` when the disk is not there; the signal's reason.
 */
export async function verifyContent(map: LeafMap, path: string, options: VerifyContentOptions): Promise<ContentReport> {
  const { files, signal, devices, fs = nodeFs } = options
  const fingerprints = createFingerprints(map.files.length)
  const damaged: DamagedFile[] = []
  const done = { bytes: 0, right: 0 }
  const store = await openSeedStore(map, path, { fs, fingerprints, devices, ...(files && { files }) }).catch(asChange)
  if (store instanceof SourceChangedError) {
    return { bytes: 0, damaged: [{ path: '', problem: store.what }], fingerprints }
  }
  const read = async (leaf: number): Promise<Uint8Array> => store.read(leaf, signal === undefined ? {} : { signal })
  try {
    for (const index of files ?? map.files.keys()) {
      signal?.throwIfAborted()
      const problem = await problemOf(index)
      if (problem !== undefined) {
        fingerprints.mtimeMs[index] = NaN
        damaged.push({ path: map.files[index]?.path ?? '', problem })
      }
    }
    return { bytes: done.right, damaged, fingerprints }
  } finally {
    await store.close()
  }

  async function problemOf(file: number): Promise<string | undefined> {
    const { firstLeaf = 0, leafCount = 0, path: name = '' } = map.files[file] ?? {}
    let wrong = 0
    try {
      for (let leaf = firstLeaf; leaf < firstLeaf + leafCount; leaf++) {
        const bytes = await read(leaf)
        const isRight = await options.verify(leaf, bytes)
        wrong += isRight ? 0 : 1
        done.right += isRight ? bytes.byteLength : 0
        done.bytes += map.leafBytes(leaf)
        options.onProgress?.(done.bytes)
      }
      if (leafCount === 0) {
        await requireEmpty(fs, placeBelow(path, name))
      }
    } catch (error) {
      if (error instanceof SourceChangedError) {
        return error.what
      }
      throw error
    }
    return wrong === 0 ? undefined : `${wrong} of ${leafCount} leaves do not match their hash`
  }
}

/** What is wrong with the files is the answer; the rest is thrown. */
function asChange(error: unknown): SourceChangedError {
  if (error instanceof SourceChangedError) {
    return error
  }
  throw error
}

/** No leaf is read of an empty file: it is looked at. */
async function requireEmpty(fs: StoreFs, place: string): Promise<void> {
  const stats = await onDisk(place, async () => fs.lstat(place)).catch((error: unknown) => {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) {
      return undefined
    }
    throw error // what the disk says is about the disk
  })
  if (stats?.isFile() !== true || stats.size !== 0) {
    throw new SourceChangedError(place, stats === undefined ? MISSING : 'is not empty any more')
  }
}
