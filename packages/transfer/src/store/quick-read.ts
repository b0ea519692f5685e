import type { Stats } from 'node:fs'
import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync } from 'node:fs'
import { DEFENSIVE_FLAGS } from './fs.ts'

/** Larger reads always go through the thread pool. */
export const MAX_QUICK_BYTES = 64 * 1024

/** A read that took longer than this did not come from memory, and held up everything else. */
export const QUICK_LIMIT_MS = 2

/** After one of those, reads go through the thread pool for this long. */
export const QUICK_PAUSE_MS = 30_000

/**
 * Reads small pieces of files without the thread pool: what is in the page cache comes in a few microseconds, where
 * waking a thread and being woken by it takes a tenth of a millisecond and more. A disk that lets it wait is noticed and
 * left to the threads.
 */
export class QuickReads {
  readonly #now: () => number
  #notBefore = -Infinity

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /**
   * Fill `buffer` from `position` of the file at `place`; what the file looked like. `undefined` for whatever is not
   * plain: another file than the path says, one that is too short, an error. Asked again with more care, that is said.
   */
  read(place: string, buffer: Uint8Array, position: number): Stats | undefined {
    const start = this.#now()
    // elsewhere a file cannot say at once where it is
    if (process.platform !== 'linux' || buffer.byteLength > MAX_QUICK_BYTES || start < this.#notBefore) {
      return undefined
    }
    const stats = readSmall(place, buffer, position)
    const end = this.#now()
    if (end - start > QUICK_LIMIT_MS) {
      this.#notBefore = end + QUICK_PAUSE_MS
    }
    return stats
  }
}

function readSmall(place: string, buffer: Uint8Array, position: number): Stats | undefined {
  let fd: number | undefined
  try {
    fd = openSync(place, constants.O_RDONLY | DEFENSIVE_FLAGS)
    const isThere = readlinkSync(`/proc/self/fd/${fd}`) === place // and not behind a link on the way
    const isWhole = isThere && readSync(fd, buffer, 0, buffer.byteLength, position) === buffer.byteLength
    return isWhole ? fstatSync(fd) : undefined
  } catch {
    return undefined
  } finally {
    if (fd !== undefined) {
      closeSync(fd)
    }
  }
}
