import { constants } from 'node:fs'
import { DiskError, StoreBusyError } from '../errors.ts'
import { DEFENSIVE_FLAGS, hasErrno, ifThere, onDisk, writeFully } from './fs.ts'
import type { StoreFs } from './fs.ts'

/** A pid and a start time; anything longer is not ours. */
const MAX_LOCK_BYTES = 64

/** Locks that this process holds: its own pid in a file is a left-over unless the path is here. */
const held = new Set<string>()

/**
 * Keep other processes (and other stores of this one) out of a directory, by a file that names this process. A lock
 * whose process is gone is taken over: kill -9 leaves one behind.
 *
 * Two processes that find the same dead owner within the same instant could both take it over. What they would write
 * is the same verified bytes; the journal of one of them would be lost.
 *
 * @returns a function that releases the lock.
 * @throws StoreBusyError while a living process holds it.
 */
export async function acquireLock(fs: StoreFs, path: string): Promise<() => Promise<void>> {
  if (held.has(path)) {
    throw new StoreBusyError(path)
  }
  held.add(path)
  try {
    await onDisk(path, async () => {
      if (!(await create(fs, path))) {
        if (await isOwned(fs, path)) {
          throw new StoreBusyError(path)
        }
        await ifThere(async () => fs.unlink(path))
        if (!(await create(fs, path))) {
          throw new StoreBusyError(path)
        }
      }
    })
  } catch (error) {
    held.delete(path)
    throw error
  }
  let isGivenUp = false
  let isOver = false
  return async () => {
    // once: the file may be somebody else's by the second time; one that cannot be removed may be tried again, unless this
    // process has taken it over, as it can, since it does not hold it any more
    if (isOver || (isGivenUp && held.has(path))) {
      return
    }
    held.delete(path)
    isGivenUp = true
    await onDisk(path, async () => ifThere(async () => fs.unlink(path)))
    isOver = true
  }
}

async function create(fs: StoreFs, path: string): Promise<boolean> {
  try {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | DEFENSIVE_FLAGS
    const handle = await fs.open(path, flags, 0o600)
    try {
      await writeFully(handle, Buffer.from(`${process.pid} ${await startTime(fs, process.pid)}\n`), 0)
    } finally {
      await handle.close()
    }
    return true
  } catch (error) {
    if (hasErrno(error, 'EEXIST')) {
      return false
    }
    // an empty lock would look like a dead one; leave nothing behind
    await fs.unlink(path).catch(() => undefined)
    throw error
  }
}

async function isOwned(fs: StoreFs, path: string): Promise<boolean> {
  const stats = await ifThere(async () => fs.lstat(path))
  if (stats === undefined) {
    return false
  }
  if (!stats.isFile() || stats.size > MAX_LOCK_BYTES) {
    throw new DiskError('EEXIST', path)
  }
  const text = await ifThere(async () => fs.readFile(path, 'latin1'))
  const [, pid, start] = /^(\d+) (\d+)\n$/.exec(text ?? '') ?? []
  if (pid === undefined || Number(pid) === process.pid || !isAlive(Number(pid))) {
    return false
  }
  // a pid is given again after a while, a pid with its start time is not
  const actual = await startTime(fs, Number(pid))
  return actual === '0' || start === '0' || actual === start
}

/** Whether a process with this id runs. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // not ours to signal, but there
    return hasErrno(error, 'EPERM')
  }
}

/** When a process started, in the system's ticks; `'0'` where the system does not tell. */
async function startTime(fs: StoreFs, pid: number): Promise<string> {
  if (process.platform !== 'linux') {
    return '0'
  }
  try {
    const stat = await fs.readFile(`/proc/${pid}/stat`, 'latin1')
    // the name in parentheses may contain anything; the 20th field after it is the start time (proc(5): field 22)
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '0'
  } catch {
    return '0'
  }
}
