import { systemError } from './system-error.ts'
import type { Inode, Volume } from './volume.ts'

/** What `lstat` and `handle.stat` answer, as far as a store looks at it. */
export interface MemoryStats {
  readonly size: number
  readonly mtimeMs: number
  readonly ino: number
  readonly dev: number
  readonly nlink: number
  isFile(): boolean
  isDirectory(): boolean
  isSymbolicLink(): boolean
}

export function statsOf(volume: Volume, inode: Inode): MemoryStats {
  const isFile = inode.data !== undefined
  return {
    size: inode.data?.size ?? 0,
    mtimeMs: inode.mtimeMs,
    ino: inode.id,
    dev: 1,
    nlink: isFile ? volume.names.links(inode.id) : 2,
    isFile: () => isFile,
    isDirectory: () => !isFile,
    isSymbolicLink: () => false
  }
}

/** Runs before each call; throws what the call is to fail with. */
export type Check = (name: string, path: string) => void

/** What a handle is a handle of. */
export interface OpenFile {
  readonly volume: Volume
  readonly inode: Inode
  /** Whatever position is named, writes go to the end. */
  readonly appends: boolean
  readonly check: Check
  readonly closed: () => void
}

/** An open file. Its methods are those that a store calls on a `FileHandle`. */
export class MemoryHandle {
  readonly fd: number
  readonly path: string
  readonly #volume: Volume
  readonly #inode: Inode
  readonly #appends: boolean
  readonly #check: Check
  readonly #closed: () => void
  readonly #cuts: number
  #isOpen = true

  constructor(fd: number, path: string, { volume, inode, appends, check, closed }: OpenFile) {
    this.fd = fd
    this.path = path
    this.#volume = volume
    this.#inode = inode
    this.#appends = appends
    this.#check = check
    this.#closed = closed
    this.#cuts = volume.cuts
  }

  async read(into: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }> {
    return this.#run('read', () => ({
      bytesRead: this.#inode.data?.read(into.subarray(offset, offset + length), position) ?? 0
    }))
  }

  async write(from: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesWritten: number }> {
    return this.#run('write', () => {
      const { data } = this.#inode
      data?.write(from.subarray(offset, offset + length), this.#appends ? data.size : position)
      this.#inode.mtimeMs = this.#volume.tick()
      return { bytesWritten: length }
    })
  }

  async truncate(bytes = 0): Promise<void> {
    this.#run('truncate', () => {
      this.#inode.data?.resize(bytes)
      this.#inode.mtimeMs = this.#volume.tick()
    })
  }

  async stat(): Promise<MemoryStats> {
    return this.#run('stat', () => statsOf(this.#volume, this.#inode))
  }

  async sync(): Promise<void> {
    this.#run('sync', () => {
      this.#volume.sync(this.#inode)
    })
  }

  async datasync(): Promise<void> {
    this.#run('datasync', () => {
      this.#volume.sync(this.#inode)
    })
  }

  async close(): Promise<void> {
    if (this.#isOpen) {
      // a close that fails has closed the descriptor all the same
      this.#isOpen = false
      this.#closed()
      this.#check('handle.close', this.path)
    }
  }

  #run<T>(name: string, action: () => T): T {
    this.#check(`handle.${name}`, this.path)
    if (!this.#isOpen || this.#cuts !== this.#volume.cuts) {
      throw systemError(this.#isOpen ? 'EIO' : 'EBADF', name, this.path)
    }
    return action()
  }
}
