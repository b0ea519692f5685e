import { constants } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { DiskError } from '../errors.ts'
import type { LeafMap } from '../leaf-map.ts'
import { Bitfield } from '../swarm/bitfield.ts'
import { closeQuietly, hasErrno, onDisk } from './fs.ts'
import type { StoreFs } from './fs.ts'
import { NewNames } from './new-names.ts'
import { DirectoryMaker, openBelow, placeBelow } from './open-below.ts'

/** The files of an unfinished download: made when first needed, with their directories and their full size. */
export class PartialFiles {
  readonly directories: DirectoryMaker
  readonly #map: LeafMap
  readonly #fs: StoreFs
  readonly #root: string
  /** Files that are known to exist: trying to make them first would cost a call. */
  readonly #made: Bitfield
  readonly #names: NewNames

  /** `root` is the real path of the content, which need not exist. */
  constructor(map: LeafMap, fs: StoreFs, root: string) {
    this.directories = new DirectoryMaker(fs, root)
    this.#map = map
    this.#fs = fs
    this.#root = root
    this.#made = new Bitfield(map.files.length)
    this.#names = new NewNames(fs, root)
  }

  /** Where `file` (an index) is, whether or not it exists. */
  place(file: number): string {
    return placeBelow(this.#root, this.#path(file))
  }

  /** Open `file` for reading and writing. It has its final size afterwards; what it lacked is zeros. */
  async open(file: number): Promise<FileHandle> {
    if (!this.#made.has(file)) {
      const handle = await this.#make(file)
      this.#made.set(file)
      // those of a former run may have been found before they reached the disk
      this.#names.note(this.#path(file), this.#map.kind)
      if (handle !== undefined) {
        return handle
      }
    }
    const handle = await openBelow(this.#fs, this.#root, this.#path(file), constants.O_RDWR)
    return this.#withSize(file, handle, async () => {
      const stats = await handle.stat()
      if (!stats.isFile()) {
        throw new DiskError('EINVAL', this.place(file))
      }
      // a second name may be a file that is not ours to write to
      if (stats.nlink > 1) {
        throw new DiskError('EMLINK', this.place(file))
      }
      return stats.size
    })
  }

  /** Make the names of all files that were opened survive a power cut. */
  async syncNames(): Promise<void> {
    await this.#names.sync()
  }

  /** Do not take for granted that `file` still exists. */
  forget(file: number): void {
    this.#made.clear(file)
  }

  async #make(file: number): Promise<FileHandle | undefined> {
    const path = this.#path(file)
    if (this.#map.kind === 'directory') {
      await this.directories.makeParent(path)
    }
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL
    try {
      const handle = await openBelow(this.#fs, this.#root, path, flags)
      // one write fills a file of one leaf; setting its size first would be a call for nothing
      const entry = this.#map.files[file]
      return entry !== undefined && entry.leafCount > 1 ? await this.#withSize(file, handle, async () => 0) : handle
    } catch (error) {
      if (hasErrno(error, 'EEXIST')) {
        return undefined
      }
      throw error
    }
  }

  async #withSize(file: number, handle: FileHandle, sizeNow: () => Promise<number>): Promise<FileHandle> {
    const bytes = this.#map.files[file]?.bytes ?? 0
    try {
      await onDisk(this.place(file), async () => {
        if ((await sizeNow()) !== bytes) {
          await handle.truncate(bytes)
        }
      })
      return handle
    } catch (error) {
      await closeQuietly(handle)
      throw error
    }
  }

  #path(file: number): string {
    return this.#map.files[file]?.path ?? ''
  }
}
