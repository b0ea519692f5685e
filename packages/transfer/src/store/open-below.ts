import { constants } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { DiskError } from '../errors.ts'
import { safeJoin } from '../paths.ts'
import { DEFENSIVE_FLAGS, closeQuietly, hasErrno, ifThere, onDisk } from './fs.ts'
import type { StoreFs } from './fs.ts'

/** The place of a share's `path` below `root`; `''` is the root itself (a share that is one file). */
export function placeBelow(root: string, path: string): string {
  return path === '' ? root : safeJoin(root, path)
}

/**
 * Open `path` below `root` without following a symlink in any part below the root. What is opened is asked where it is,
 * so a directory that is swapped for a link while we look gains nothing: on Linux the answer is exact, elsewhere the path
 * is resolved again and compared with the handle. To create a file it is the parent that is asked, before: nothing comes
 * to be outside, not even an empty file. `root` is the real path (no links in it) of the directory, or of the file when
 * `path` is `''`.
 *
 * @throws DiskError with `ELOOP` for a link, else with what the system said.
 */
export async function openBelow(
  fs: StoreFs,
  root: string,
  path: string,
  flags: number,
  mode?: number
): Promise<FileHandle> {
  const place = placeBelow(root, path)
  return (flags & constants.O_CREAT) === 0
    ? openAt(fs, place, place, flags, mode)
    : insideParent(fs, place, async (name) => openAt(fs, name, place, flags, mode))
}

/** Open what is called `name` now; refuse it unless it is at `place`. */
async function openAt(fs: StoreFs, name: string, place: string, flags: number, mode?: number): Promise<FileHandle> {
  const handle = await onDisk(place, async () => fs.open(name, flags | DEFENSIVE_FLAGS, mode))
  try {
    // the last part of a name in an open directory is no link, or the open had failed
    if (name === place && !(await onDisk(place, async () => isAt(fs, handle, place)))) {
      throw new DiskError('ELOOP', place)
    }
    return handle
  } catch (error) {
    await closeQuietly(handle)
    throw error
  }
}

/**
 * Run `use` with a name for `place` that goes through its parent directory, opened and seen to be where it should be:
 * on Linux `/proc/self/fd` stands in for the `openat` that Node does not have. Elsewhere the name is `place` itself.
 *
 * @param place - a real path but for its last part.
 * @throws DiskError with `ELOOP` when the parent is reached through a link.
 */
async function insideParent<T>(fs: StoreFs, place: string, use: (name: string) => Promise<T>): Promise<T> {
  const parent = dirname(place)
  return insideDirectory(fs, parent, async (open) => use(open === parent ? place : `${open}/${basename(place)}`))
}

/** The same for a directory: `use` is given a name for it that no swap can turn into another one's. */
export async function insideDirectory<T>(fs: StoreFs, place: string, use: (name: string) => Promise<T>): Promise<T> {
  if (process.platform !== 'linux') {
    return use(place)
  }
  const flags = constants.O_RDONLY | constants.O_DIRECTORY | DEFENSIVE_FLAGS
  const handle = await onDisk(place, async () => fs.open(place, flags))
  try {
    const actual = await onDisk(place, async () => exactPlace(fs, handle))
    if (actual !== undefined && actual !== place) {
      throw new DiskError('ELOOP', place)
    }
    return await use(actual === undefined ? place : `/proc/self/fd/${handle.fd}`)
  } finally {
    // nothing was written through it, and what `use` opened must not be lost for it
    await closeQuietly(handle)
  }
}

/** Where an open file is by now; `undefined` where the system does not tell. */
async function exactPlace(fs: StoreFs, handle: FileHandle): Promise<string | undefined> {
  return process.platform === 'linux' ? ifThere(async () => fs.readlink(`/proc/self/fd/${handle.fd}`)) : undefined
}

async function isAt(fs: StoreFs, handle: FileHandle, place: string): Promise<boolean> {
  const actual = await exactPlace(fs, handle)
  if (actual !== undefined) {
    return actual === place
  }
  try {
    const [real, named, opened] = await Promise.all([fs.realpath(place), fs.lstat(place), handle.stat()])
    return real === place && named.ino === opened.ino && named.dev === opened.dev
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) {
      return false
    }
    throw error
  }
}

/**
 * Makes directories below a root, parents first, each once; refuses to go through a symlink. Remembers what it made
 * or saw, so that a hundred thousand files in a few directories cost a few calls.
 */
export class DirectoryMaker {
  readonly #fs: StoreFs
  readonly #root: string
  readonly #made = new Map<string, Promise<void>>()

  constructor(fs: StoreFs, root: string) {
    this.#fs = fs
    this.#root = root
  }

  /** Make the directory `path` below the root; `''` is the root itself. */
  async make(path: string): Promise<void> {
    let making = this.#made.get(path)
    if (making === undefined) {
      making = this.#make(path)
      this.#made.set(path, making)
      making.catch(() => this.#made.delete(path))
    }
    return making
  }

  /** Make the directory that holds the file `path`. */
  async makeParent(path: string): Promise<void> {
    await this.make(parentOf(path))
  }

  async #make(path: string): Promise<void> {
    if (path !== '') {
      await this.makeParent(path)
    }
    const place = placeBelow(this.#root, path)
    await insideParent(this.#fs, place, async (name) => makeAt(this.#fs, name, place))
  }
}

/** Make one directory, or see that a real one (not a link to one) is there. */
export async function makeDirectory(fs: StoreFs, place: string, mode?: number): Promise<void> {
  await makeAt(fs, place, place, mode)
}

/** Make what is called `name` now and is at `place`. */
async function makeAt(fs: StoreFs, name: string, place: string, mode?: number): Promise<void> {
  await onDisk(place, async () => {
    try {
      await fs.mkdir(name, mode)
    } catch (error) {
      if (!hasErrno(error, 'EEXIST')) {
        throw error
      }
      const found = await fs.lstat(name)
      if (!found.isDirectory()) {
        throw new DiskError(found.isSymbolicLink() ? 'ELOOP' : 'ENOTDIR', place, { cause: error })
      }
    }
  })
}

/** The directory part of a `/`-joined path; `''` for a name without one. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}
