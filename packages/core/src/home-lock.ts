import { link, readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { hasErrno } from './system-error.ts'

/** Locks held by this process: its own pid in a file is a left-over of an earlier process unless the path is here. */
const held = new Set<string>()

/** Processes that take over at the same moment get in each other's way at most this often. */
const MAX_TRIES = 8

/** `holder`: the process that has it, when it could be told. */
export type LockResult =
  | { readonly type: 'acquired'; release: () => Promise<void> }
  | { readonly type: 'busy'; readonly holder: number | undefined }

interface Owner {
  readonly pid: number
  /** `'0'` when the system did not tell. */
  readonly startTime: string
}

/**
 * Claim a directory for this process by a file that names it. A lock whose process is gone (kill -9, power failure) is
 * taken over; a pid alone would not do, since pids come back.
 *
 * Two processes that take over within the same instant may both succeed on systems that know no start times. The
 * database under the directory has a lock of its own, which then decides (data-directory.ts).
 */
export async function acquireLock(path: string): Promise<LockResult> {
  if (held.has(path)) {
    return { type: 'busy', holder: process.pid }
  }
  held.add(path)
  try {
    const holder = await claim(path)
    if (holder === undefined) {
      return { type: 'acquired', release: async () => release(path) }
    }
    held.delete(path)
    return { type: 'busy', holder: holder.pid }
  } catch (error) {
    held.delete(path)
    throw error
  }
}

/** The living owner that keeps us out, or `undefined` when the lock is ours now. */
async function claim(path: string): Promise<Owner | undefined> {
  let owner: Owner | undefined
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    if (await create(path)) {
      return undefined
    }
    const found = await readOwner(path)
    if (found === 'gone') {
      continue
    }
    owner = found
    if (found !== undefined && (await isAlive(found))) {
      return found
    }
    await removeStale(path, found)
  }
  return owner ?? { pid: 0, startTime: '0' }
}

/** The lock appears with its content or not at all. */
async function create(path: string): Promise<boolean> {
  const temporary = `${path}.${process.pid}`
  await writeFile(temporary, `${process.pid} ${await startTimeOf(process.pid)}\n`, { mode: 0o600 })
  try {
    await link(temporary, path)
    return true
  } catch (error) {
    if (hasErrno(error, 'EEXIST')) {
      return false
    }
    return await createWithoutLinks(path, await readFile(temporary, 'latin1'), error)
  } finally {
    await unlink(temporary)
  }
}

/** FAT and some network file systems have no hard links; there a reader may see the file before its content. */
async function createWithoutLinks(path: string, content: string, cause: unknown): Promise<boolean> {
  if (!hasErrno(cause, 'EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK')) {
    throw cause
  }
  try {
    await writeFile(path, content, { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if (hasErrno(error, 'EEXIST')) {
      return false
    }
    throw error
  }
}

/** `undefined`: there is a file, but it names nobody. */
async function readOwner(path: string): Promise<Owner | 'gone' | undefined> {
  try {
    const [, pid, startTime] = /^([1-9]\d{0,9}) (\d{1,20})\n$/u.exec(await readFile(path, 'latin1')) ?? []
    return pid === undefined || startTime === undefined ? undefined : { pid: Number(pid), startTime }
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) {
      return 'gone'
    }
    throw error
  }
}

/** Out of the way by a rename, which only one process can do; put back when it turns out to be another one. */
async function removeStale(path: string, expected: Owner | undefined): Promise<void> {
  const aside = `${path}.stale.${process.pid}`
  try {
    await rename(path, aside)
    const found = await readOwner(aside)
    if (found !== 'gone' && (found?.pid !== expected?.pid || found?.startTime !== expected?.startTime)) {
      await link(aside, path)
    }
    await unlink(aside)
  } catch (error) {
    if (!hasErrno(error, 'ENOENT', 'EEXIST')) {
      throw error
    }
  }
}

async function release(path: string): Promise<void> {
  held.delete(path)
  const owner = await readOwner(path)
  if (owner !== 'gone' && owner?.pid === process.pid) {
    await unlink(path)
  }
}

async function isAlive({ pid, startTime }: Owner): Promise<boolean> {
  if (pid === process.pid) {
    // not in `held`, so an earlier process had our pid
    return false
  }
  try {
    process.kill(pid, 0)
  } catch (error) {
    // not ours to signal, but there
    if (!hasErrno(error, 'EPERM')) {
      return false
    }
  }
  const actual = await startTimeOf(pid)
  return actual === '0' || startTime === '0' || actual === startTime
}

/** When a process started, in the system's ticks since it was booted; `'0'` where the system does not tell. */
async function startTimeOf(pid: number): Promise<string> {
  if (process.platform !== 'linux') {
    return '0'
  }
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1')
    // the name in parentheses may hold anything; the 20th field after it is the start time (proc(5): field 22)
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '0'
  } catch {
    return '0'
  }
}
