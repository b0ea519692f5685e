import { isUtf8 } from 'node:buffer'
import type { Dirent } from 'node:fs'
import { lstat, readdir, readlink, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import type { AbortOptions } from '@libp2p/interface'
import { NotShareableError } from '../errors.ts'
import { onDisk } from '../store/fs.ts'

/**
 * One step through a tree. `path` is below the root, `/`-joined; `place` is where it is on this machine. A `directory`
 * is followed by what is in it and then by `end`.
 */
export type WalkStep =
  | { readonly type: 'directory'; readonly name: string; readonly path: string }
  | { readonly type: 'end' }
  | { readonly type: 'file'; readonly name: string; readonly path: string; readonly place: string }
  | { readonly type: 'symlink'; readonly name: string; readonly path: string; readonly target: Uint8Array }
  | { readonly type: 'skipped'; readonly path: string; readonly reason: 'hidden' | 'special' }

/** Options of `walk`. */
export interface WalkOptions extends AbortOptions {
  /** Include entries whose name starts with a dot. */
  readonly hidden: boolean
}

interface OpenDirectory {
  readonly path: string
  readonly place: string
  readonly entries: readonly Dirent[]
  next: number
}

/** Put into strings by Node for bytes that are not UTF-8; also a character of its own. */
const REPLACEMENT = '\ufffd'

/**
 * Everything below `root` in the order of a UnixFS directory: by the bytes of the names. Symlinks are reported, not
 * followed. Holds the names of the directories on the way down, nothing else.
 *
 * @param root - real path (see `resolveRoot`). The root itself is the first step, with an empty name, and never hidden.
 * @throws DiskError for what cannot be read; NotShareableError for a name that is not UTF-8, or a root that is neither
 *   a file nor a directory.
 */
export async function* walk(root: string, options: WalkOptions): AsyncGenerator<WalkStep, void, undefined> {
  const stats = await onDisk(root, async () => lstat(root))
  if (stats.isFile()) {
    yield { type: 'file', name: '', path: '', place: root }
    return
  }
  if (!stats.isDirectory()) {
    throw new NotShareableError(root, 'neither a file nor a directory')
  }
  yield { type: 'directory', name: '', path: '' }
  const open = [await openDirectory(root, '', options)]
  for (let here = open.at(-1); here !== undefined; here = open.at(-1)) {
    options.signal?.throwIfAborted()
    const entry = here.entries[here.next++]
    if (entry === undefined) {
      open.pop()
      yield { type: 'end' }
      continue
    }
    const { name } = entry
    const path = here.path === '' ? name : `${here.path}/${name}`
    const place = join(here.place, name)
    if (!options.hidden && name.startsWith('.')) {
      yield { type: 'skipped', path, reason: 'hidden' }
    } else if (entry.isDirectory()) {
      yield { type: 'directory', name, path }
      open.push(await openDirectory(place, path, options))
    } else if (entry.isFile()) {
      yield { type: 'file', name, path, place }
    } else if (entry.isSymbolicLink()) {
      const target = await onDisk(place, async () => readlink(place, { encoding: 'buffer' }))
      yield { type: 'symlink', name, path, target }
    } else {
      yield { type: 'skipped', path, reason: 'special' }
    }
  }
}

/** The place that a user's path means: symlinks on the way to it, and at its end, are followed. */
export async function resolveRoot(path: string): Promise<string> {
  return onDisk(path, async () => realpath(path))
}

async function openDirectory(place: string, path: string, { hidden }: WalkOptions): Promise<OpenDirectory> {
  const entries = await onDisk(place, async () => readdir(place, { withFileTypes: true }))
  if (entries.some(({ name }) => name.includes(REPLACEMENT) || !name.isWellFormed())) {
    await refuseBrokenNames(place, hidden)
  }
  entries.sort((a, b) => compareNames(a.name, b.name))
  return { path, place, entries, next: 0 }
}

/** Names are read once more as bytes: U+FFFD is a legal character, and most often just that. */
async function refuseBrokenNames(place: string, hidden: boolean): Promise<void> {
  const names = await onDisk(place, async () => readdir(place, { encoding: 'buffer' }))
  for (const name of names) {
    if (!isUtf8(name) && (hidden || name[0] !== 0x2e)) {
      throw new NotShareableError(
        join(place, name.toString()),
        `its name (bytes ${name.toString('hex')}) is not UTF-8, which UnixFS needs`
      )
    }
  }
}

/** Order of the UTF-8 bytes, which differs from that of JavaScript strings where surrogates meet U+E000 to U+FFFF. */
export function compareNames(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const unitA = a.charCodeAt(index)
    const unitB = b.charCodeAt(index)
    if (unitA !== unitB) {
      return rank(unitA) - rank(unitB)
    }
  }
  return a.length - b.length
}

/** Surrogates stand for characters above all that have one unit. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x1_0000 : unit
}
