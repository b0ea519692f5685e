import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import type { Stats } from 'node:fs'
import { dirname } from 'node:path'
import { DiskError } from '../errors.ts'
import { DEFENSIVE_FLAGS, closeQuietly, ifThere, onDisk, readFully, syncDirectory, writeFully } from './fs.ts'
import type { StoreFs } from './fs.ts'

/** Options of `writeFileAtomic`. */
export interface AtomicWriteOptions {
  /** Leave a file that is already there as it is. @default false */
  keepExisting?: boolean
}

/**
 * Write a small file so that readers, other processes and the next start see the old content or the new, never a part.
 * Only this user may read it. It is on the disk when this resolves.
 */
export async function writeFileAtomic(
  fs: StoreFs,
  path: string,
  bytes: Uint8Array,
  { keepExisting = false }: AtomicWriteOptions = {}
): Promise<void> {
  const draft = `${path}.${randomUUID()}.tmp`
  await onDisk(path, async () => {
    try {
      const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | DEFENSIVE_FLAGS
      const handle = await fs.open(draft, flags, 0o600)
      try {
        await writeFully(handle, bytes, 0)
        await handle.sync()
      } finally {
        await handle.close()
      }
      if (!keepExisting || !(await linkOrFind(fs, draft, path))) {
        await fs.rename(draft, path)
      }
      await syncDirectory(fs, dirname(path))
    } finally {
      await fs.rm(draft, { force: true })
    }
  })
}

/** Whether `path` exists now, as `draft` or as what it was; false where a file system has no hard links. */
async function linkOrFind(fs: StoreFs, draft: string, path: string): Promise<boolean> {
  try {
    await fs.link(draft, path)
    return true
  } catch {
    return (await ifThere(async () => fs.lstat(path))) !== undefined
  }
}

/**
 * The whole of a small file; `undefined` when there is none.
 *
 * @param check - may throw at what the file is, before it is read.
 * @throws DiskError with `EFBIG` when it is larger than `maxBytes`, which is checked before anything is allocated.
 */
export async function readSmallFile(
  fs: StoreFs,
  path: string,
  maxBytes: number,
  check?: (stats: Stats) => void
): Promise<Uint8Array | undefined> {
  return onDisk(path, async () => {
    const handle = await ifThere(async () => fs.open(path, constants.O_RDONLY | DEFENSIVE_FLAGS))
    if (handle === undefined) {
      return undefined
    }
    try {
      const stats = await handle.stat()
      if (stats.size > maxBytes) {
        throw new DiskError('EFBIG', path)
      }
      check?.(stats)
      const bytes = new Uint8Array(stats.size)
      return bytes.subarray(0, await readFully(handle, bytes, 0))
    } finally {
      await closeQuietly(handle)
    }
  })
}
