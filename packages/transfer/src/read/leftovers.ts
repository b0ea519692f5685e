import { readdir, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Logger } from '@libp2p/interface'
import { hasErrno } from '../store/fs.ts'
import { isAlive } from '../store/lock.ts'
import { discardPartial, partialPath } from '../store/partial.ts'
import { TEMPORARY_NAME, TEMPORARY_PREFIX } from './temporary.ts'

/** Where what is read and not otherwise kept is, of a node that keeps its state in `directory`. */
export function readsDirectory(directory: string | undefined): string {
  return directory === undefined ? tmpdir() : join(directory, 'reads')
}

/** Remove what readers have left whose process died; not that of one which runs, which several may at one home. */
export async function clearReads(directory: string, log: Logger): Promise<void> {
  try {
    for (const name of await readdir(directory)) {
      const [, pid] = new RegExp(`^${TEMPORARY_PREFIX}(\\d+)-`, 'u').exec(name) ?? []
      if (pid !== undefined && (Number(pid) === process.pid || !isAlive(Number(pid)))) {
        await clear(join(directory, name), log)
      }
    }
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) {
      log('%s cannot be looked at - %e', directory, error)
    }
  }
}

async function clear(place: string, log: Logger): Promise<void> {
  try {
    await discardPartial(partialPath(join(place, TEMPORARY_NAME)))
    await rmdir(place)
  } catch (error) {
    log('%s was left - %e', place, error)
  }
}
