import { dirname } from 'node:path'
import { DiskError, SourceChangedError } from '../errors.ts'
import { hasErrno, ifThere, onDisk } from './fs.ts'
import type { StoreFs } from './fs.ts'
import { deviceOf } from './mount.ts'

/** What is said of a file or directory that is not there, while the file system that it was on is. */
export const MISSING = 'was moved or removed'

/**
 * The file systems that a share was on, by the numbers that the system gave them; another start of it may give them
 * others.
 */
export interface Devices {
  /** Of the directory that the share is in. */
  readonly parent: number
  /** Of the share itself: another one when it is all of a disk. */
  readonly root: number
}

/** Those of what is at `path`; `undefined` when nothing is. */
export async function devicesAt(fs: StoreFs, path: string): Promise<Devices | undefined> {
  const real = await onDisk(path, async () => ifThere(async () => fs.realpath(path)))
  if (real === undefined) {
    return undefined
  }
  const [parent, root] = [await deviceOf(fs, dirname(real)), await deviceOf(fs, real)]
  return parent === undefined || root === undefined ? undefined : { parent, root }
}

/**
 * The real path of a share. A disk that was pulled out leaves nothing behind, or the empty directory that it was mounted
 * on: neither says anything about the files.
 *
 * @param known - where it was when it was looked at last; without it only what is gone with its directory counts as such
 * a disk.
 * @throws SourceChangedError when it is not there any more, DiskError with `ENODEV` when its disk is not.
 */
export async function requireThere(fs: StoreFs, path: string, known?: Devices): Promise<string> {
  const root = await realPathOf(fs, path)
  if (root === undefined) {
    throw (await isElsewhere(fs, path, known)) ? new DiskError('ENODEV', path) : new SourceChangedError(path, MISSING)
  }
  if (known !== undefined && (await deviceOf(fs, root)) !== known.root && (await isEmptyDirectory(fs, root))) {
    throw new DiskError('ENODEV', path)
  }
  return root
}

/** The user may name a share through a link; below the root none is followed. */
async function realPathOf(fs: StoreFs, path: string): Promise<string | undefined> {
  try {
    return await onDisk(path, async () => fs.realpath(path))
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) {
      return undefined
    }
    throw error
  }
}

/** Whether the directory that the share was in is not there, or on another file system than it was. */
async function isElsewhere(fs: StoreFs, path: string, known: Devices | undefined): Promise<boolean> {
  try {
    const parent = await onDisk(path, async () => ifThere(async () => fs.realpath(dirname(path))))
    return parent === undefined || (known !== undefined && (await deviceOf(fs, parent)) !== known.parent)
  } catch (error) {
    if (hasErrno(error, 'ENOTDIR')) {
      return false // somebody put a file where a directory was
    }
    throw error
  }
}

async function isEmptyDirectory(fs: StoreFs, path: string): Promise<boolean> {
  try {
    return (await onDisk(path, async () => fs.readdir(path))).length === 0
  } catch (error) {
    if (hasErrno(error, 'ENOTDIR')) {
      return false
    }
    throw error
  }
}
