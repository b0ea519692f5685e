import { MAX_ENTRIES, MAX_LEAVES, MAX_PATH_BYTES, MAX_PATH_DEPTH } from '../constants.ts'
import { NotShareableError } from '../errors.ts'

/** Refuses early what no leaf map can hold, rather than after hours of hashing. */
export class ShareLimits {
  readonly #maxEntries: number
  readonly #maxLeaves: number
  #entries = 0
  #leaves = 0

  constructor({ entries = MAX_ENTRIES, leaves = MAX_LEAVES }: { entries?: number; leaves?: number } = {}) {
    this.#maxEntries = entries
    this.#maxLeaves = leaves
  }

  /** Count a file, directory or symlink below the root. */
  addEntry(path: string): void {
    if (++this.#entries > this.#maxEntries) {
      throw new NotShareableError(path, `more than ${this.#maxEntries} files, directories and symlinks in one share`)
    }
    if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
      throw new NotShareableError(path, `a path of more than ${MAX_PATH_BYTES} bytes`)
    }
    if (path.split('/').length > MAX_PATH_DEPTH) {
      throw new NotShareableError(path, `a path of more than ${MAX_PATH_DEPTH} levels`)
    }
  }

  /** Count the leaves of a file. */
  addLeaves(place: string, leaves: number): void {
    this.#leaves += leaves
    if (this.#leaves > this.#maxLeaves) {
      throw new NotShareableError(place, `more than ${this.#maxLeaves} leaves in one share`)
    }
  }
}
