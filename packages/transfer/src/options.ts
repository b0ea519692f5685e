import { InvalidOptionError } from '@p2pshare/interface'
import { MIN_BYTES_PER_SECOND, checkRateLimits } from './rate/rate-limits.ts'

/** What users of the transfer service may set. */
export interface TransferInit {
  /**
   * Directory that remembers shares over restarts: records, inner nodes and the keys of private shares, never content. Without it
   * shares are forgotten when the node stops.
   *
   * @default undefined
   */
  directory?: string

  /**
   * Streams of this protocol that one connection may have open in each direction; a session takes two. More lets a
   * peer fetch more roots at once from this node, and hold more of its memory.
   *
   * @default 256
   */
  maxStreams?: number

  /**
   * Sessions this node keeps at once, all shares and peers together; more are refused as busy. Each may hold 1 MiB of
   * unacknowledged bytes, and up to 8 MiB while all together hold no more than 32 MiB.
   *
   * @default 200
   */
  maxSessions?: number

  /**
   * Most bytes a second that are sent to all peers together, from the start; `setLimits()` changes it. In any second no
   * more than this and one burst leave: 50 ms at this rate, 64 KiB at least.
   *
   * @default Infinity
   */
  uploadBytesPerSecond?: number

  /**
   * The same for what arrives. Reading pauses, and the connection tells the sender to slow down.
   *
   * @default Infinity
   */
  downloadBytesPerSecond?: number

  /**
   * Threads that hash, and write what was received, beside the main one; at most `MAX_WORKERS`. `0` does all of it on
   * the main thread. A thread starts with the first large import or download, and takes about 10 MiB. Without a number
   * it is 1 on two cores; on more, one less than there are, and no more than 4.
   *
   * @default undefined
   */
  workers?: number

  /**
   * Time between two scrubs that a node begins by itself, in milliseconds: all that it shares is read and hashed, slowly
   * and while no transfer uses the disk, so that what rots is found while others still have it. One that was interrupted
   * goes on, ten minutes after the node started. `Infinity` for none; else at least `MIN_SCRUB_EVERY_MS`.
   *
   * @default 2_592_000_000
   */
  scrubEveryMs?: number

  /**
   * Most bytes a second that such a scrub reads.
   *
   * @default 4_194_304
   */
  scrubBytesPerSecond?: number

  /**
   * Open bulk channels beside the libp2p connection for data that is worth it, when a transport of this node has them
   * (`@p2pshare/transport-tcp`) and the connection is a direct one. `false` keeps all data on libp2p streams, at about
   * half the speed.
   *
   * @default true
   */
  bulkChannels?: boolean
}

/** `TransferInit` with every default in place. */
export type TransferOptions = Required<Omit<TransferInit, 'directory' | 'workers'>> &
  Pick<TransferInit, 'directory' | 'workers'>

/** Threads of one node: more than the cores of the machines that it runs on would only wait for each other. */
export const MAX_WORKERS = 64

/** A scrub that begins by itself is for rot, which takes months: more often than hourly would only wear the disk. */
export const MIN_SCRUB_EVERY_MS = 60 * 60 * 1000

const DAY_MS = 24 * 60 * 60 * 1000

export const TRANSFER_DEFAULTS = Object.freeze({
  maxStreams: 256,
  maxSessions: 200,
  uploadBytesPerSecond: Infinity,
  downloadBytesPerSecond: Infinity,
  scrubEveryMs: 30 * DAY_MS,
  scrubBytesPerSecond: 4 * 1024 * 1024,
  bulkChannels: true
})

/** Throws `InvalidOptionError` for a value that cannot work. */
export function resolveTransferOptions(init: TransferInit): TransferOptions {
  const options = { ...TRANSFER_DEFAULTS, ...init }
  for (const name of ['maxStreams', 'maxSessions'] as const) {
    if (!Number.isSafeInteger(options[name]) || options[name] < 2) {
      throw new InvalidOptionError(name, `${String(options[name])} is not a whole number above 1`)
    }
  }
  checkScrub(options)
  checkWorkers(options.workers)
  checkRateLimits(options)
  return options
}

function checkScrub({ scrubEveryMs, scrubBytesPerSecond }: TransferOptions): void {
  const isTime = scrubEveryMs === Infinity || Number.isSafeInteger(scrubEveryMs)
  if (!isTime || scrubEveryMs < MIN_SCRUB_EVERY_MS) {
    throw new InvalidOptionError(
      'scrubEveryMs',
      `${String(scrubEveryMs)} is not a whole number of ${MIN_SCRUB_EVERY_MS} or more, nor Infinity`
    )
  }
  if (!Number.isSafeInteger(scrubBytesPerSecond) || scrubBytesPerSecond < MIN_BYTES_PER_SECOND) {
    throw new InvalidOptionError(
      'scrubBytesPerSecond',
      `${String(scrubBytesPerSecond)} is not a whole number of ${MIN_BYTES_PER_SECOND} or more`
    )
  }
}

/** Throws `InvalidOptionError` for a number of threads that cannot work. */
export function checkWorkers(workers: number | undefined): void {
  if (workers !== undefined && !(Number.isSafeInteger(workers) && workers >= 0 && workers <= MAX_WORKERS)) {
    throw new InvalidOptionError('workers', `${String(workers)} is not a whole number from 0 to ${MAX_WORKERS}`)
  }
}
