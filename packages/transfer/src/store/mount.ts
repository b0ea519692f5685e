import { dirname } from 'node:path'
import { DiskError } from '../errors.ts'
import { ifThere, onDisk } from './fs.ts'
import type { StoreFs } from './fs.ts'

/**
 * The file system that a share lives on, to tell a file that somebody removed from a disk that was pulled out: then the
 * directory is gone too, or is the empty one underneath.
 */
export interface Mount {
  /** @throws DiskError with `ENODEV` when the share's file system is not there. */
  require(): Promise<void>
}

/** Number of the file system of what is at a real path; `undefined` when nothing is. */
export async function deviceOf(fs: StoreFs, path: string): Promise<number | undefined> {
  return (await onDisk(path, async () => ifThere(async () => fs.lstat(path))))?.dev
}

/** Remember the file system of what is at `root`, or will be: a real path. */
export async function mountOf(fs: StoreFs, root: string): Promise<Mount> {
  const parent = dirname(root)
  const parentDevice = await deviceOf(fs, parent)
  const device = await deviceOf(fs, root)
  return {
    require: async () => {
      const [parentNow, now] = [await deviceOf(fs, parent), await deviceOf(fs, root)]
      const isOther = now !== undefined && device !== undefined && now !== device
      if (parentNow === undefined || parentNow !== parentDevice || isOther) {
        throw new DiskError('ENODEV', root)
      }
    }
  }
}
