import * as promises from 'node:fs/promises'
import { constants } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { DiskError } from '../errors.ts'

/** The file system calls that stores make. A seam: tests put failures in between, nothing else does. */
export type StoreFs = Pick<
  typeof promises,
  | 'link'
  | 'lstat'
  | 'mkdir'
  | 'open'
  | 'readdir'
  | 'readFile'
  | 'readlink'
  | 'realpath'
  | 'rename'
  | 'rm'
  | 'rmdir'
  | 'statfs'
  | 'unlink'
>

export const nodeFs: StoreFs = promises

// Windows has neither flag, and Node leaves them undefined there
const optionalFlag = (flag: number | undefined): number => flag ?? 0

/** Added to every open: a link in the last place fails with ELOOP, a FIFO put in a file's place does not hang us. */
export const DEFENSIVE_FLAGS = optionalFlag(constants.O_NOFOLLOW) | optionalFlag(constants.O_NONBLOCK)

/** `ENOENT` and the like of an error that the system reported; `undefined` for every other value. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) {
    return undefined
  }
  return typeof error.code === 'string' ? error.code : undefined
}

/** Whether the system, or a `DiskError` made from its answer, says one of `codes`. */
export function hasErrno(error: unknown, ...codes: readonly string[]): boolean {
  const code = error instanceof DiskError ? error.errno : errnoOf(error)
  return code !== undefined && codes.includes(code)
}

/** What the system said as a `DiskError`; anything else (an abort, a typed error) unchanged. */
export function toDiskError(error: unknown, path: string): unknown {
  const code = errnoOf(error)
  return code === undefined ? error : new DiskError(code, path, { cause: error })
}

/** Run `action`; what the system refuses becomes a `DiskError` that names `path`. */
export async function onDisk<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    throw toDiskError(error, path)
  }
}

/** The result of `action`, or `undefined` when nothing is at the path. */
export async function ifThere<T>(action: () => Promise<T>): Promise<T | undefined> {
  try {
    return await action()
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) {
      return undefined
    }
    throw error
  }
}

/** For a file that was only read, or that something is wrong with already: what closing it says adds nothing. */
export async function closeQuietly(handle: FileHandle): Promise<void> {
  await handle.close().catch(() => undefined)
}

/** Read until `buffer` is full or the file ends; returns the bytes read. */
export async function readFully(handle: FileHandle, buffer: Uint8Array, position: number): Promise<number> {
  let done = 0
  while (done < buffer.byteLength) {
    const { bytesRead } = await handle.read(buffer, done, buffer.byteLength - done, position + done)
    if (bytesRead === 0) {
      break
    }
    done += bytesRead
  }
  return done
}

/** Write all of `bytes`: one call may write less than it was given. */
export async function writeFully(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0
  while (done < bytes.byteLength) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.byteLength - done, position + done)
    done += bytesWritten
  }
}

/** Make names created in or renamed into `path` survive a power cut. Nothing to do where directories cannot be opened. */
export async function syncDirectory(fs: StoreFs, path: string): Promise<void> {
  if (process.platform === 'win32') {
    return
  }
  const handle = await fs.open(path, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await handle.sync()
  } catch (error) {
    // some network and FUSE file systems do not know fsync of a directory
    if (!hasErrno(error, 'EINVAL', 'ENOTSUP')) {
      throw error
    }
  } finally {
    await handle.close()
  }
}

/** Run `action` for each item, at most `limit` at a time; stops at the first failure. */
export async function eachLimit<T>(
  items: Iterable<T>,
  limit: number,
  action: (item: T) => Promise<void>
): Promise<void> {
  const iterator = items[Symbol.iterator]()
  let failed = false
  const worker = async (): Promise<void> => {
    for (let next = iterator.next(); next.done !== true && !failed; next = iterator.next()) {
      try {
        await action(next.value)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  const results = await Promise.allSettled(Array.from({ length: limit }, worker))
  const failure = results.find((result) => result.status === 'rejected')
  if (failure !== undefined) {
    throw failure.reason
  }
}
