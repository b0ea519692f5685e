import type { FileHandle } from 'node:fs/promises'
import { DiskError } from '../errors.ts'
import { safeJoin } from '../paths.ts'
import { DEFENSIVE_FLAGS, hasErrno, ifThere, onDisk } from './fs.ts'
import type { StoreFs } from './fs.ts'

/** The place of a share's `path` below `root`; `''` is the root itself (a share that is one file). */
export function placeBelow(root: string, path: string): string {
  return path === '' ? root : safeJoin(root, path)
}

/**
 * Open `path` below `root` without following a symlink in any part below the root. The opened file itself is asked
 * where it is, so a directory that is swapped for a link while we look gains nothing: on Linux the answer is exact,
 * elsewhere the path is resolved again and compared with the handle. `root` is the real path (no links in it) of the
 * directory, or of the file when `path` is `''`.
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
  const handle = await onDisk(place, async () => fs.open(place, flags | DEFENSIVE_FLAGS, mode))
  try {
    if (!(await onDisk(place, async () => isAt(fs, handle, place)))) {
      throw new DiskError('ELOOP', place)
    }
    return handle
  } catch (error) {
    await handle.close()
    throw error
  }
}

async function isAt(fs: StoreFs, handle: FileHandle, place: string): Promise<boolean> {
  if (process.platform === 'linux') {
    const actual = await ifThere(async () => fs.readlink(`/proc/self/fd/${handle.fd}`))
    if (actual !== undefined) {
      return actual === place
    }
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
    await makeDirectory(this.#fs, placeBelow(this.#root, path))
  }
}

/** Make one directory, or see that a real one (not a link to one) is there. */
export async function makeDirectory(fs: StoreFs, place: string, mode?: number): Promise<void> {
  await onDisk(place, async () => {
    try {
      await fs.mkdir(place, mode)
    } catch (error) {
      if (!hasErrno(error, 'EEXIST')) {
        throw error
      }
      const found = await fs.lstat(place)
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
