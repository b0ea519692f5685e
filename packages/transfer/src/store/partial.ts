import { createHash } from 'node:crypto'
import { basename, dirname, join } from 'node:path'
import type { AbortOptions } from '@libp2p/interface'
import { MAX_NAME_BYTES } from '../constants.ts'
import { TargetExistsError } from '../errors.ts'
import { ifThere, nodeFs, onDisk } from './fs.ts'
import type { StoreFs } from './fs.ts'
import { acquireLock } from './lock.ts'
import { makeDirectories } from './make-directories.ts'
import { makeDirectory } from './open-below.ts'

/** Ends the name of the directory in which a download is kept until it is complete. */
export const PARTIAL_SUFFIX = '.p2pshare-part'

/** For this user only. */
const PRIVATE = 0o700

/** Where the parts of an unfinished download are. */
export interface PartialPaths {
  readonly directory: string
  /** The file or directory tree that becomes the target. */
  readonly content: string
  readonly journal: string
  readonly lock: string
  /** Inner nodes, for those who keep them here until the download is complete. */
  readonly nodes: string
}

/** The directory for an unfinished download to `target`: beside it, so that the last step is a rename. */
export function partialPath(target: string): string {
  const name = basename(target)
  const fits = Buffer.byteLength(name) + PARTIAL_SUFFIX.length <= MAX_NAME_BYTES
  // a name that leaves no room for the suffix is replaced by its hash
  const stem = fits ? name : createHash('sha256').update(name).digest('hex')
  return join(dirname(target), `${stem}${PARTIAL_SUFFIX}`)
}

/** The places inside the directory of an unfinished download. */
export function partialPaths(directory: string): PartialPaths {
  return {
    directory,
    content: join(directory, 'content'),
    journal: join(directory, 'journal'),
    lock: join(directory, 'lock'),
    nodes: join(directory, 'nodes.car')
  }
}

/** Make the directory of an unfinished download, for this user only, or see that a real directory is there. */
export async function makePartial(fs: StoreFs, directory: string): Promise<PartialPaths> {
  return onDisk(directory, async () => {
    await makeDirectories(fs, dirname(directory))
    await makeDirectories(fs, directory, PRIVATE)
    await makeDirectory(fs, directory, PRIVATE) // or a real one is there, no link to one
    // real, so that every path below can be compared with what the system says about an open file
    return partialPaths(join(await fs.realpath(dirname(directory)), basename(directory)))
  })
}

/** Options of `discardPartial`. */
export interface DiscardOptions extends AbortOptions {
  /** For tests. @default node:fs/promises */
  fs?: StoreFs
}

/**
 * Delete what is left of an unfinished download, for example after a crash between the last rename and the end, or
 * because the user gave it up. Links are removed, not followed. Nothing there is fine.
 *
 * @param directory - as `partialPath` gives it.
 * @throws TargetExistsError when the name belongs to something that is not the directory of a download, StoreBusyError
 * while one is under way there.
 */
export async function discardPartial(directory: string, { fs = nodeFs, signal }: DiscardOptions = {}): Promise<void> {
  signal?.throwIfAborted()
  await onDisk(directory, async () => {
    const stats = await ifThere(async () => fs.lstat(directory))
    if (stats === undefined) {
      return
    }
    if (!stats.isDirectory() || !directory.endsWith(PARTIAL_SUFFIX)) {
      throw new TargetExistsError(directory)
    }
    const release = await acquireLock(fs, partialPaths(directory).lock)
    try {
      await fs.rm(directory, { recursive: true, force: true })
    } finally {
      await release()
    }
  })
}
