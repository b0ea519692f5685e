import type { LeafMap } from '../leaf-map.ts'
import { eachLimit, hasErrno, ifThere, onDisk, syncDirectory } from './fs.ts'
import type { StoreFs } from './fs.ts'
import { insideDirectory, parentOf, placeBelow } from './open-below.ts'

/** Directories synced at once: libuv's pool has four threads. */
const SYNC_CONCURRENCY = 4

/** The directories of a share that its wanted files need, parents first; with no selection all, empty ones too. */
export function wantedDirectories(map: LeafMap, files: ReadonlySet<number> | undefined): readonly string[] {
  if (files === undefined) {
    return map.directories
  }
  const needed = new Set<string>()
  for (const file of files) {
    for (let path = parentOf(map.files[file]?.path ?? ''); path !== '' && !needed.has(path); path = parentOf(path)) {
      needed.add(path)
    }
  }
  return map.directories.filter((path) => needed.has(path))
}

/**
 * Remove what a former run with another selection left: files and directories of the share that are not wanted now.
 * What is not in the share at all is not ours and stays; links are not followed.
 */
export async function removeUnwanted(
  map: LeafMap,
  fs: StoreFs,
  root: string,
  files: ReadonlySet<number>
): Promise<void> {
  const unwanted = new Set<string>()
  map.files.forEach(({ path }, index) => {
    if (!files.has(index)) {
      unwanted.add(path)
    }
  })
  const needed = new Set(wantedDirectories(map, files))
  const known = new Set(map.directories)
  await walk('')

  async function walk(directory: string): Promise<void> {
    await insideDirectory(fs, placeBelow(root, directory), async (open) => removeIn(directory, open))
  }

  /** @param open - a name of the directory that stays its own while it is swapped for a link. */
  async function removeIn(directory: string, open: string): Promise<void> {
    const entries = await onDisk(open, async () => fs.readdir(open, { withFileTypes: true }))
    for (const entry of entries) {
      const path = directory === '' ? entry.name : `${directory}/${entry.name}`
      const found = `${open}/${entry.name}`
      if (entry.isFile() && unwanted.has(path)) {
        await onDisk(found, async () => ifThere(async () => fs.unlink(found)))
      } else if (entry.isDirectory() && known.has(path)) {
        await walk(path)
        if (!needed.has(path)) {
          await removeEmpty(fs, found)
        }
      }
    }
  }
}

/** Remove a directory unless something is in it. */
export async function removeEmpty(fs: StoreFs, place: string): Promise<void> {
  try {
    await onDisk(place, async () => ifThere(async () => fs.rmdir(place)))
  } catch (error) {
    if (!hasErrno(error, 'ENOTEMPTY', 'EEXIST')) {
      throw error
    }
  }
}

/** Make the names in some directories below `root`, and in `root`, survive a power cut. */
export async function syncTree(fs: StoreFs, root: string, directories: readonly string[]): Promise<void> {
  await eachLimit(['', ...directories], SYNC_CONCURRENCY, async (path) => {
    const place = placeBelow(root, path)
    await onDisk(place, async () => syncDirectory(fs, place))
  })
}
