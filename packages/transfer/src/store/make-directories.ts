import { dirname } from 'node:path'
import { hasErrno, syncDirectory } from './fs.ts'
import type { StoreFs } from './fs.ts'

/**
 * Make `directory` unless it is there, with all above it; the names of those that were made survive a power cut. One level
 * at a time: `mkdir` with `recursive` never returns where an existing parent refuses children with ENOENT, as /proc does.
 */
export async function makeDirectories(fs: StoreFs, directory: string, mode?: number): Promise<void> {
  try {
    await fs.mkdir(directory, mode)
  } catch (error) {
    if (hasErrno(error, 'EEXIST')) {
      return
    }
    if (!hasErrno(error, 'ENOENT') || dirname(directory) === directory) {
      throw error
    }
    await makeDirectories(fs, dirname(directory), mode)
    await fs.mkdir(directory, mode)
  }
  await syncDirectory(fs, dirname(directory))
}
