import { constants } from 'node:fs'
import type { StoreFs } from '@p2pshare/transfer/store'
import { MemoryHandle, statsOf } from './memory-handle.ts'
import type { Check, MemoryStats } from './memory-handle.ts'
import { systemError } from './system-error.ts'
import type { Inode, Volume } from './volume.ts'

/** One call to the file system: `open`, or `handle.write` for a method of an open file. */
export interface FsCall {
  /** Calls before this one. */
  readonly nth: number
  readonly name: string
  readonly path: string
}

export interface MemoryFs {
  readonly fs: StoreFs
  /** Descriptors that are open. */
  readonly open: ReadonlyMap<number, string>
}

const FREE_BLOCKS = 1024 * 1024

/** The calls of a store, on a disk in memory. `before` sees each, and answers with what it is to fail with, if at all. */
export function memoryFs(volume: Volume, before: (call: FsCall) => string | undefined): MemoryFs {
  const open = new Map<number, string>()
  let calls = 0
  const check: Check = (name, path) => {
    const code = before({ nth: calls++, name, path })
    if (code !== undefined) {
      throw systemError(code, name.replace('handle.', ''), path)
    }
  }
  const calling =
    <Args extends readonly unknown[], T>(name: string, action: (path: string, ...rest: Args) => T) =>
    async (path: string, ...rest: Args): Promise<T> => {
      const place = name === 'readlink' ? path : throughDescriptor(open, path)
      check(name, place)
      return action(place, ...rest)
    }
  let lastFd = 100
  const methods = {
    open: calling('open', (path: string, flags: number) => {
      const inode = openInode(volume, path, flags)
      const fd = ++lastFd
      open.set(fd, path)
      return new MemoryHandle(fd, path, {
        volume,
        inode,
        appends: (flags & constants.O_APPEND) !== 0,
        check,
        closed: () => open.delete(fd)
      })
    }),
    lstat: calling('lstat', (path: string): MemoryStats => statsOf(volume, volume.get(path, 'lstat'))),
    link: calling('link', (from: string, to: string) => {
      requireFree(volume, to, 'link')
      volume.link(to, volume.get(from, 'link'))
    }),
    mkdir: calling('mkdir', (path: string, options?: number | { recursive?: boolean }) => {
      makeDirectory(volume, path, typeof options === 'object' && options.recursive === true)
    }),
    readdir: calling('readdir', (path: string, options?: { withFileTypes?: boolean }) => {
      const names = [...volume.names.of(volume.directory(path, 'readdir').id).keys()].sort()
      return options?.withFileTypes === true ? names.map((name) => entryOf(volume, path, name)) : names
    }),
    readFile: calling('readFile', (path: string, encoding: BufferEncoding) => {
      const { data } = volume.get(path, 'open')
      const bytes = Buffer.alloc(data?.size ?? 0)
      data?.read(bytes, 0)
      return bytes.toString(encoding)
    }),
    readlink: calling('readlink', (path: string) => {
      const place = open.get(Number(/^\/proc\/self\/fd\/(\d+)$/.exec(path)?.[1]))
      if (place === undefined) {
        throw systemError('ENOENT', 'readlink', path)
      }
      return place
    }),
    realpath: calling('realpath', (path: string) => {
      volume.get(path, 'realpath')
      return path
    }),
    rename: calling('rename', (from: string, to: string) => {
      const target = volume.find(to)
      if (target !== undefined && target.data === undefined && volume.names.of(target.id).size > 0) {
        throw systemError('ENOTEMPTY', 'rename', to)
      }
      volume.rename(from, to)
    }),
    rm: calling('rm', (path: string, options?: { recursive?: boolean; force?: boolean }) => {
      if (volume.find(path) !== undefined || options?.force !== true) {
        removeTree(volume, path)
      }
    }),
    rmdir: calling('rmdir', (path: string) => {
      if (volume.names.of(volume.directory(path, 'rmdir').id).size > 0) {
        throw systemError('ENOTEMPTY', 'rmdir', path)
      }
      volume.unlink(path, 'rmdir')
    }),
    statfs: calling('statfs', (path: string) => {
      volume.get(path, 'statfs')
      return { bsize: 4096, blocks: FREE_BLOCKS, bavail: FREE_BLOCKS }
    }),
    unlink: calling('unlink', (path: string) => {
      volume.get(path, 'unlink')
      volume.unlink(path, 'unlink')
    })
  }
  // each answers what a store looks at, and no more
  return { fs: methods as unknown as StoreFs, open }
}

/** A store reaches what is in a directory through its descriptor, so that no swap of the directory leads it elsewhere. */
function throughDescriptor(open: ReadonlyMap<number, string>, path: string): string {
  const [, fd, rest] = /^\/proc\/self\/fd\/(\d+)(\/.*)?$/.exec(path) ?? []
  const directory = open.get(Number(fd))
  return directory === undefined ? path : `${directory}${rest ?? ''}`
}

function openInode(volume: Volume, path: string, flags: number): Inode {
  const found = volume.find(path)
  if (found === undefined) {
    if ((flags & constants.O_CREAT) === 0) {
      throw systemError('ENOENT', 'open', path)
    }
    return volume.make(path, 'file', 'open')
  }
  if ((flags & constants.O_EXCL) !== 0) {
    throw systemError('EEXIST', 'open', path)
  }
  if (found.data === undefined && (flags & (constants.O_WRONLY | constants.O_RDWR)) !== 0) {
    throw systemError('EISDIR', 'open', path)
  }
  return found
}

function requireFree(volume: Volume, path: string, syscall: string): void {
  if (volume.find(path) !== undefined) {
    throw systemError('EEXIST', syscall, path)
  }
}

function makeDirectory(volume: Volume, path: string, recursive: boolean): void {
  if (!recursive) {
    requireFree(volume, path, 'mkdir')
    volume.make(path, 'directory', 'mkdir')
    return
  }
  const names = path.split('/')
  for (let depth = 2; depth <= names.length; depth++) {
    const place = names.slice(0, depth).join('/')
    if (volume.find(place) === undefined) {
      volume.make(place, 'directory', 'mkdir')
    }
  }
}

function removeTree(volume: Volume, path: string): void {
  const inode = volume.get(path, 'rm')
  if (inode.data === undefined) {
    for (const name of [...volume.names.of(inode.id).keys()]) {
      removeTree(volume, `${path}/${name}`)
    }
  }
  volume.unlink(path, 'rm')
}

function entryOf(
  volume: Volume,
  path: string,
  name: string
): { name: string; isFile(): boolean; isDirectory(): boolean } {
  const { data } = volume.get(`${path}/${name}`, 'readdir')
  return { name, isFile: () => data !== undefined, isDirectory: () => data === undefined }
}
