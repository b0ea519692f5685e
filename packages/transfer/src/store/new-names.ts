import { dirname } from 'node:path'
import type { LeafMap } from '../leaf-map.ts'
import { eachLimit, onDisk, syncDirectory } from './fs.ts'
import type { StoreFs } from './fs.ts'
import { parentOf, placeBelow } from './open-below.ts'

/** Directories synced at once: libuv's pool has four threads. */
const SYNC_CONCURRENCY = 4

/**
 * Names below a root that a power cut may still take away: `fdatasync` of a file keeps its bytes, but POSIX promises its
 * name only when its directory is synced too, and the name of that directory in turn.
 */
export class NewNames {
  readonly #fs: StoreFs
  readonly #root: string
  /** Places of directories in which there are such names. */
  #unsynced = new Set<string>()
  /** Directories of the share whose own names were noted. */
  readonly #noted = new Set<string>()

  constructor(fs: StoreFs, root: string) {
    this.#fs = fs
    this.#root = root
  }

  /** The file `path` of a share was opened for the first time: it, or what is above it, may be new. */
  note(path: string, kind: LeafMap['kind']): void {
    if (kind === 'file') {
      this.#unsynced.add(dirname(this.#root))
      return
    }
    let directory = parentOf(path)
    this.#unsynced.add(placeBelow(this.#root, directory))
    while (!this.#noted.has(directory)) {
      this.#noted.add(directory)
      this.#unsynced.add(directory === '' ? dirname(this.#root) : placeBelow(this.#root, parentOf(directory)))
      directory = parentOf(directory)
    }
  }

  /** Bring all that was noted to the disk. What could not be is noted still, so it can be called again. */
  async sync(): Promise<void> {
    const places = this.#unsynced
    this.#unsynced = new Set()
    try {
      await eachLimit(places, SYNC_CONCURRENCY, async (place) => {
        await onDisk(place, async () => syncDirectory(this.#fs, place))
      })
    } catch (error) {
      places.forEach((place) => this.#unsynced.add(place))
      throw error
    }
  }
}
