import { MAX_ENTRIES, MAX_PATH_BYTES, MAX_PATH_DEPTH } from './constants.ts'
import { UnsupportedDagError } from './errors.ts'
import type { FileEntry, SymlinkEntry } from './leaf-map.ts'

/** The named things of a share in the order in which they are met, within the bounds of constants.ts. */
export class EntryList {
  readonly files: FileEntry[] = []
  readonly directories: string[] = []
  readonly symlinks: SymlinkEntry[] = []
  readonly #checkName: (name: string) => unknown
  readonly #limit: number

  constructor(checkName: (name: string) => unknown, limit: number = MAX_ENTRIES) {
    this.#checkName = checkName
    this.#limit = limit
  }

  /**
   * The path of `name` in `directory`.
   *
   * @param depth - parts of the new path.
   * @throws UnsupportedDagError past `MAX_PATH_DEPTH` or `MAX_PATH_BYTES`; what `checkName` throws.
   */
  join(directory: string, name: string, depth: number): string {
    this.#checkName(name)
    if (depth > MAX_PATH_DEPTH) {
      throw new UnsupportedDagError(`a path of more than ${MAX_PATH_DEPTH} levels`)
    }
    const path = directory === '' ? name : `${directory}/${name}`
    if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
      throw new UnsupportedDagError(`a path of more than ${MAX_PATH_BYTES} bytes`)
    }
    return path
  }

  addFile(file: FileEntry): void {
    this.#admit()
    this.files.push(file)
  }

  addDirectory(path: string): void {
    this.#admit()
    this.directories.push(path)
  }

  addSymlink(path: string, target: string): void {
    this.#admit()
    this.symlinks.push({ path, target })
  }

  #admit(): void {
    if (this.files.length + this.directories.length + this.symlinks.length === this.#limit) {
      throw new UnsupportedDagError(`more than ${this.#limit} files, directories and symlinks`)
    }
  }
}
