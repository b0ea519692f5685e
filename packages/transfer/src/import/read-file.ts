import type { Stats } from 'node:fs'
import { closeSync, constants, fstatSync, open } from 'node:fs'
import { promisify } from 'node:util'
import { SourceChangedError } from '../errors.ts'
import { DEFENSIVE_FLAGS, onDisk, toDiskError } from '../store/fs.ts'
import type { Fingerprint } from './fingerprints.ts'

// By descriptor, and what the kernel answers at once for an open file without a thread's help: where files are small and
// many, this is twice as fast as FileHandle.
const openFd = promisify(open)

/** An open file and what it was when that was last asked. */
export interface OpenFile {
  readonly fd: number
  readonly place: string
  readonly stats: Stats
}

/** Open a file for `action`, not following a link in the last place. */
export async function withFile<T>(place: string, action: (file: OpenFile) => Promise<T>): Promise<T> {
  const fd = await onDisk(place, async () => openFd(place, constants.O_RDONLY | DEFENSIVE_FLAGS))
  try {
    return await action(ask(fd, place))
  } finally {
    answered(place, () => {
      closeSync(fd)
    })
  }
}

/** The same file, asked again: for one that had to wait. */
export function askAgain({ fd, place }: OpenFile): OpenFile {
  return ask(fd, place)
}

/**
 * Let `read` have the file, and see that it did not change meanwhile.
 *
 * @throws SourceChangedError when it did.
 */
export async function readUnchanged(file: OpenFile, read: (file: OpenFile) => Promise<void>): Promise<Fingerprint> {
  await read(file)
  const { stats } = ask(file.fd, file.place)
  if (stats.size !== file.stats.size || stats.mtimeMs !== file.stats.mtimeMs) {
    throw new SourceChangedError(file.place, 'was modified')
  }
  return { size: stats.size, mtimeMs: stats.mtimeMs, ino: stats.ino }
}

function ask(fd: number, place: string): OpenFile {
  const stats = answered(place, () => fstatSync(fd))
  if (!stats.isFile()) {
    throw new SourceChangedError(place, 'was replaced by something that is not a file')
  }
  return { fd, place, stats }
}

function answered<T>(place: string, ask: () => T): T {
  try {
    return ask()
  } catch (error) {
    throw toDiskError(error, place)
  }
}
