import { basename, dirname } from 'node:path/posix'
import type { Random } from '@p2pshare/testkit'
import { FileData } from './file-data.ts'
import { NameTable } from './name-table.ts'
import type { Character } from './name-table.ts'
import { systemError } from './system-error.ts'

/** A file or a directory, whatever its names. */
export interface Inode {
  readonly id: number
  /** `undefined`: a directory. */
  readonly data: FileData | undefined
  mtimeMs: number
}

const ROOT = 1

/** A disk in memory: inodes and their names, of which a power cut leaves what was synced and some of the rest. */
export class Volume {
  readonly names: NameTable
  readonly #inodes = new Map<number, Inode>()
  #lastInode = ROOT
  #clock = 0
  /** Power cuts so far: what was open before one is not any more. */
  cuts = 0

  constructor(character: Character) {
    this.names = new NameTable(character)
    this.#inodes.set(ROOT, { id: ROOT, data: undefined, mtimeMs: 0 })
  }

  find(path: string): Inode | undefined {
    let inode = this.#inodes.get(ROOT)
    for (const name of path.split('/')) {
      if (name !== '') {
        if (inode?.data !== undefined) {
          throw systemError('ENOTDIR', 'lookup', path)
        }
        const id = inode === undefined ? undefined : this.names.of(inode.id).get(name)
        inode = id === undefined ? undefined : this.#inodes.get(id)
      }
    }
    return inode
  }

  get(path: string, syscall: string): Inode {
    const inode = this.find(path)
    if (inode === undefined) {
      throw systemError('ENOENT', syscall, path)
    }
    return inode
  }

  directory(path: string, syscall: string): Inode {
    const inode = this.get(path, syscall)
    if (inode.data !== undefined) {
      throw systemError('ENOTDIR', syscall, path)
    }
    return inode
  }

  make(path: string, type: 'file' | 'directory', syscall: string): Inode {
    const parent = this.directory(dirname(path), syscall)
    const id = ++this.#lastInode
    const inode = { id, data: type === 'file' ? new FileData() : undefined, mtimeMs: this.tick() }
    this.#inodes.set(id, inode)
    this.names.change({ directory: parent.id, name: basename(path), inode: id })
    return inode
  }

  link(path: string, inode: Inode): void {
    const parent = this.directory(dirname(path), 'link')
    this.names.change({ directory: parent.id, name: basename(path), inode: inode.id })
  }

  unlink(path: string, syscall: string): void {
    const parent = this.directory(dirname(path), syscall)
    this.names.change({ directory: parent.id, name: basename(path), inode: undefined })
  }

  rename(from: string, to: string): void {
    const inode = this.get(from, 'rename')
    const source = this.directory(dirname(from), 'rename')
    const target = this.directory(dirname(to), 'rename')
    this.names.change(
      { directory: source.id, name: basename(from), inode: undefined },
      { directory: target.id, name: basename(to), inode: inode.id }
    )
  }

  sync(inode: Inode): void {
    inode.data?.sync()
    this.names.sync(inode.id)
  }

  /** A new time of change. */
  tick(): number {
    return ++this.#clock
  }

  /** The power fails, and comes back. */
  cut(random: Random): void {
    this.cuts++
    this.names.cut(random)
    for (const { data } of this.#inodes.values()) {
      data?.cut(random)
    }
  }
}
