import { posix, win32 } from 'node:path'
import { MAX_PATH_BYTES, MAX_PATH_DEPTH } from './constants.ts'
import { UnsafePathError } from './errors.ts'
import { foldName, nameProblem, printable } from './name-rules.ts'

/*
 * The one path sanitiser (SPEC.md#names). Every name that comes from a peer, a link, an archive or an API passes here
 * before it becomes a path. It rejects and never repairs, by the same rules on every system: two nodes always agree on
 * what a name means.
 */

/** Longest piece of a refused path that an error message repeats. */
const MAX_SHOWN_LENGTH = 200

/** Spellings of one entry that an error message repeats. */
const MAX_SHOWN_SPELLINGS = 3

const utf8 = new TextEncoder()

/**
 * Accept one path part and return it unchanged.
 *
 * @throws UnsafePathError for what `nameProblem` names.
 */
export function checkName(name: string): string {
  const problem = nameProblem(name)
  if (problem !== undefined) {
    throw unsafe(name, problem)
  }
  return name
}

/**
 * The parts of a `/`-joined relative path, each through `checkName`.
 *
 * @throws UnsafePathError also for absolute and empty paths, more than `MAX_PATH_BYTES` or `MAX_PATH_DEPTH`.
 */
export function splitPath(path: string): string[] {
  if (path === '') {
    throw unsafe(path, 'empty path')
  }
  // length first: it bounds the work of everything below
  if (path.length > MAX_PATH_BYTES || utf8.encode(path).byteLength > MAX_PATH_BYTES) {
    throw unsafe(path, `more than ${MAX_PATH_BYTES} bytes`)
  }
  const parts = path.split('/')
  if (parts.length > MAX_PATH_DEPTH) {
    throw unsafe(path, `more than ${MAX_PATH_DEPTH} levels`)
  }
  for (const part of parts) {
    const problem = nameProblem(part)
    if (problem !== undefined) {
      throw unsafe(path, problem)
    }
  }
  return parts
}

/** Accept a `/`-joined relative path and return it unchanged; throws as `splitPath` does. */
export function checkPath(path: string): string {
  splitPath(path)
  return path
}

/**
 * The place of a share's `path` below `root` on this machine. It says nothing about symlinks that are already there:
 * whoever creates files opens them without following links.
 *
 * @throws UnsafePathError as `splitPath` does.
 */
export function safeJoin(root: string, path: string, platform: NodeJS.Platform = process.platform): string {
  const system = platform === 'win32' ? win32 : posix
  return system.resolve(root, ...splitPath(path))
}

/**
 * Groups of paths that are one entry where the file system folds case or Unicode composition: `a/B.txt` and `a/b.txt`.
 * Spellings of a directory count once, under the directory's own path. The order is that of first appearance.
 */
export function collisions(paths: Iterable<string>): string[][] {
  // most names collide with nothing: a Set only for those that do
  const spellings = new Map<string, string | Set<string>>()
  const directories = new Set<string>()
  const note = (path: string): void => {
    const slash = path.lastIndexOf('/')
    const parent = path.slice(0, slash + 1)
    if (slash > 0 && !directories.has(parent)) {
      directories.add(parent)
      note(path.slice(0, slash))
    }
    const key = parent + foldName(path.slice(slash + 1))
    const known = spellings.get(key)
    if (known === undefined) {
      spellings.set(key, path)
    } else if (typeof known !== 'string') {
      known.add(path)
    } else if (known !== path) {
      spellings.set(key, new Set([known, path]))
    }
  }
  for (const path of paths) {
    note(path)
  }
  return [...spellings.values()].filter((group) => typeof group !== 'string').map((group) => [...group])
}

/** The first paths that would be one entry on a system that folds names, for a message; `undefined` when none would. */
export function firstCollision(paths: Iterable<string>): string | undefined {
  const [same] = collisions(paths)
  if (same === undefined) {
    return undefined
  }
  const more = same.length > MAX_SHOWN_SPELLINGS ? ` and ${same.length - MAX_SHOWN_SPELLINGS} more` : ''
  return `${same.slice(0, MAX_SHOWN_SPELLINGS).map(shown).join(', ')}${more}`
}

/** What a receiver of a share makes: its directories and files, or the files that were chosen and what they need. */
export function pathsOf(
  map: { readonly files: ReadonlyArray<{ readonly path: string }>; readonly directories: readonly string[] },
  files?: ReadonlySet<number>
): string[] {
  return files === undefined
    ? [...map.directories, ...map.files.map(({ path }) => path)]
    : map.files.filter((_, index) => files.has(index)).map(({ path }) => path)
}

/**
 * See that the paths of a share are different entries on every system.
 *
 * @throws UnsafePathError for two that differ in case, composition or ignored characters only.
 */
export function checkDistinct(paths: Iterable<string>): void {
  const same = firstCollision(paths)
  if (same !== undefined) {
    throw new UnsafePathError(same, 'these are one entry on Windows and macOS')
  }
}

function unsafe(path: string, why: string): UnsafePathError {
  return new UnsafePathError(shown(path), why)
}

function shown(path: string): string {
  return printable(path.length > MAX_SHOWN_LENGTH ? `${path.slice(0, MAX_SHOWN_LENGTH)}…` : path)
}
