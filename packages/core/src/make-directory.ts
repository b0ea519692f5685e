import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { hasErrno } from './system-error.ts'

/**
 * Make a directory for this user alone unless it is there, with all above it. One level at a time: `mkdir` with `recursive`
 * never returns where an existing parent refuses children with ENOENT, as /proc does, and automounted ones may.
 */
export async function makeDirectory(path: string): Promise<void> {
  try {
    await makeOne(path)
  } catch (error) {
    if (!hasErrno(error, 'ENOENT') || dirname(path) === path) {
      throw error
    }
    await makeDirectory(dirname(path))
    await makeOne(path)
  }
}

async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 })
  } catch (error) {
    if (!hasErrno(error, 'EEXIST') || !(await stat(path)).isDirectory()) {
      throw error
    }
  }
}
