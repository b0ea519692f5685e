import { createHash, hash } from 'node:crypto'
import { writeSync } from 'node:fs'
import type { Envelope } from '../leaf-envelope.ts'

/** Hash the bytes of one leaf. */
export interface DigestJob {
  /** File bytes. A view of a `SharedArrayBuffer` can be hashed by another thread; others are hashed by this one. */
  readonly bytes: Uint8Array
  /** What stands around them in the leaf's block. @default nothing: a raw block */
  readonly envelope?: Envelope
}

/** Check the bytes of one leaf, and write them to a file if they are right. */
export interface WriteJob {
  /** File bytes; as in `DigestJob`. */
  readonly bytes: Uint8Array
  /** SHA-256 of the leaf's block. */
  readonly expected: Uint8Array
  /** The envelopes that the block may have, tried in order; `undefined` stands for a raw block. */
  readonly envelopes: readonly (Envelope | undefined)[]
  /** An open file; it must stay open until the job is done. */
  readonly fd: number
  /** Byte offset in the file. */
  readonly position: number
}

/** What the system said, in a form that passes between threads. */
export interface SystemRefusal {
  /** `ENOSPC` and the like. */
  readonly code: string
  readonly errno?: number | undefined
  readonly syscall: string
  readonly message: string
}

export type WriteOutcome =
  | { readonly outcome: 'written' }
  /** The bytes have another hash; nothing was written. */
  | { readonly outcome: 'wrong' }
  /** The hash is right, but the system did not take all bytes. */
  | { readonly outcome: 'refused'; readonly refusal: SystemRefusal }

/** SHA-256 of the block around `bytes`. */
export function digestOf(bytes: Uint8Array, envelope?: Envelope): Uint8Array {
  return envelope === undefined
    ? hash('sha256', bytes, 'buffer')
    : createHash('sha256').update(envelope.prefix).update(bytes).update(envelope.suffix).digest()
}

/** Whether the bytes of a job are right. */
export function isRight({ bytes, envelopes, expected }: Omit<WriteJob, 'fd' | 'position'>): boolean {
  return envelopes.some((envelope) => Buffer.compare(digestOf(bytes, envelope), expected) === 0)
}

/** Do a whole job on this thread, without going back to the event loop. */
export function writeJobSync(job: WriteJob): WriteOutcome {
  if (!isRight(job)) {
    return { outcome: 'wrong' }
  }
  try {
    const { fd, bytes, position } = job
    for (let done = 0; done < bytes.byteLength;) {
      done += writeSync(fd, bytes, done, bytes.byteLength - done, position + done)
    }
    return { outcome: 'written' }
  } catch (error) {
    return { outcome: 'refused', refusal: toRefusal(error) }
  }
}

/** What of an error of the system another thread can be told. */
export function toRefusal(error: unknown): SystemRefusal {
  const { code, errno, syscall, message } = error as Partial<SystemRefusal>
  return {
    code: typeof code === 'string' ? code : 'EIO',
    errno: typeof errno === 'number' ? errno : undefined,
    syscall: typeof syscall === 'string' ? syscall : 'write',
    message: typeof message === 'string' ? message : String(error)
  }
}
