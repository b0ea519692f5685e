import { dirname } from 'node:path'
import { TargetExistsError } from '../errors.ts'
import { hasErrno, ifThere, onDisk, syncDirectory } from './fs.ts'
import type { StoreFs } from './fs.ts'

/** What `link` answers where a file system has no hard links, or allows none here. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV', 'EINVAL'] as const

/**
 * Give finished content its final name, without ever replacing what is there. Calling it again after a failure half-way
 * finishes the move.
 *
 * @throws TargetExistsError when something else has the name.
 */
export async function moveIntoPlace(
  fs: StoreFs,
  kind: 'file' | 'directory',
  from: string,
  target: string
): Promise<void> {
  await onDisk(target, async () => {
    const [source, found] = await Promise.all([fs.lstat(from), ifThere(async () => fs.lstat(target))])
    // the same file under both names: an earlier call got as far as the link
    if (found !== undefined && !(source.isFile() && source.ino === found.ino && source.dev === found.dev)) {
      throw new TargetExistsError(target)
    }
    if (kind === 'directory') {
      await renameDirectory(fs, from, target)
      return
    }
    if (found === undefined && !(await linkFile(fs, from, target))) {
      // No system call at hand renames a file only if the target is free. A file that somebody creates between the
      // check above and this line is lost; only on file systems without hard links.
      await fs.rename(from, target)
      return
    }
    // a power cut may keep the second of two changes to two directories and lose the first: then there would be no name
    await syncDirectory(fs, dirname(target))
    await fs.unlink(from)
  })
}

/** `link` fails when the name is taken: no moment between check and use. False: there are no links here. */
async function linkFile(fs: StoreFs, from: string, target: string): Promise<boolean> {
  try {
    await fs.link(from, target)
    return true
  } catch (error) {
    if (hasErrno(error, 'EEXIST')) {
      throw new TargetExistsError(target, { cause: error })
    }
    if (hasErrno(error, ...NO_LINKS)) {
      return false
    }
    throw error
  }
}

/**
 * `rename` of a directory replaces nothing but an empty directory (rename(2)), so what can get lost between the check
 * and this call is an empty directory that somebody makes at that moment.
 */
async function renameDirectory(fs: StoreFs, from: string, target: string): Promise<void> {
  try {
    await fs.rename(from, target)
  } catch (error) {
    if (hasErrno(error, 'EEXIST', 'ENOTEMPTY', 'ENOTDIR')) {
      throw new TargetExistsError(target, { cause: error })
    }
    throw error
  }
}
