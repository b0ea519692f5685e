import { DiskError } from '../errors.ts'

/** The wait after a disk said no for the first time; doubled each time up to the maximum. */
export const RETRY_MIN_MS = 1_000

/** With it a share goes on at most half a minute after there is space again. */
export const RETRY_MAX_MS = 30_000

/**
 * What a disk says that may be over in a while: full, over the quota, read-only, out of descriptors, unplugged, a network
 * file system that does not answer, rights that are being changed. What it says about a path itself (`EEXIST`, `ELOOP`,
 * `ENAMETOOLONG` ...) is not.
 */
const PASSING: ReadonlySet<string> = new Set([
  'EACCES',
  'EAGAIN',
  'EBUSY',
  'EDQUOT',
  'EHOSTDOWN',
  'EIO',
  'EMFILE',
  'ENFILE',
  'ENODEV',
  'ENOENT',
  'ENOLCK',
  'ENOMEM',
  'ENOSPC',
  'ENOTCONN',
  'ENXIO',
  'EPERM',
  'EROFS',
  'ESTALE',
  'ETIMEDOUT'
])

/** Whether it is worth asking the disk again later. */
export function mayPass(error: unknown): error is DiskError {
  return error instanceof DiskError && PASSING.has(error.errno)
}

/** Of those: the disk is full, or the system is out of something. A place that is named for the first time may be right. */
const ROOM: ReadonlySet<string> = new Set(['EAGAIN', 'EBUSY', 'EDQUOT', 'EMFILE', 'ENFILE', 'ENOMEM', 'ENOSPC'])

/** Whether it is worth asking again later at a place where nothing was written yet, which the user may have got wrong. */
export function mayMakeRoom(error: unknown): error is DiskError {
  return error instanceof DiskError && ROOM.has(error.errno)
}

/** How long to wait before asking again; `refusals` counts those in a row, from 1. */
export function retryDelayMs(refusals: number): number {
  return Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** (refusals - 1))
}
