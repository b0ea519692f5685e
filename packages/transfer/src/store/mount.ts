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

/** Remember the file system of what is at `root`, or will be: a real path. */
export async function mountOf(fs: StoreFs, root: string): Promise<Mount> {
  const parent = dirname(root)
  const deviceOf = async (path: string): Promise<number | undefined> =>
    (await onDisk(path, async () => ifThere(async () => fs.lstat(path))))?.dev
  const parentDevice = await deviceOf(parent)
  const device = await deviceOf(root)
  return {
    require: async () => {
      const [parentNow, now] = [await deviceOf(parent), await deviceOf(root)]
      const isOther = now !== undefined && device !== undefined && now !== device
      if (parentNow === undefined || parentNow !== parentDevice || isOther) {
        throw new DiskError('ENODEV', root)
      }
    }
  }
}
