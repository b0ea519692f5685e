import { asError } from '../as-error.ts'
import type { ReadBuffer, ReadPool } from './read-pool.ts'

/** Where leaves are read from. */
export interface LeafSource {
  leafBytes(leaf: number): number
  /** `bytes` of a leaf from `start` on, read into the start of `into`. */
  read(leaf: number, into: Uint8Array, start: number, bytes: number): Promise<unknown>
}

/** Bytes that were read for one frame. */
export interface FrameBytes {
  readonly bytes: Uint8Array
  /** The 16 bytes before them may be written over. */
  readonly headRoom: boolean
  /** A lane has them and will release them. How much of this it keeps is bounded there. */
  readonly taken: () => void
  /** They are not referred to any more; `false`: somebody may refer to them for ever. */
  readonly release: (reusable: boolean) => void
}

/** A whole leaf in memory, or on its way there. */
interface LeafRead {
  readonly leaf: number
  /** `undefined`: it is in `buffer`. */
  readonly done: Promise<Error | undefined>
  buffer: ReadBuffer | undefined
  state: 'reading' | 'read' | 'failed'
  /** Frames that refer to it. */
  users: number
  /** Those of them that no lane has taken yet. */
  pending: number
  isReusable: boolean
}

/**
 * Reads of one share's leaves into the buffers of the node. A leaf is read once for all who need it at about the same
 * time, and then kept for a moment, as long as there is memory.
 */
export class LeafReads {
  readonly #source: LeafSource
  readonly #pool: ReadPool
  readonly #signal: AbortSignal
  readonly #reads = new Map<number, LeafRead>()
  #waiting = 0

  /** When `signal` aborts nothing is read any more, and what is parked goes back. */
  constructor(source: LeafSource, pool: ReadPool, signal: AbortSignal) {
    this.#source = source
    this.#pool = pool
    this.#signal = signal
    signal.addEventListener('abort', () => {
      this.#clear()
    })
  }

  /** Whether a read waits for memory: whatever is asked for next would wait behind it. */
  get isWaiting(): boolean {
    return this.#waiting > 0
  }

  /** Bytes of a leaf, for which all of it is read. */
  async shared(leaf: number, start: number, bytes: number): Promise<FrameBytes | Error> {
    const read = this.#open(leaf)
    const error = await read.done
    const { buffer } = read
    if (error !== undefined || buffer === undefined) {
      read.pending--
      this.#leave(read)
      return error ?? new DOMException('not read', 'AbortError')
    }
    let pending = 1
    return {
      bytes: buffer.body.subarray(start, start + bytes),
      // all frames of a whole leaf have the same header; before those of a part there are bytes of the leaf
      headRoom: bytes === this.#source.leafBytes(leaf),
      taken: () => {
        read.pending -= pending
        pending = 0
        if (read.pending === 0 && read.users > 0) {
          this.#pool.settle(buffer)
        }
      },
      release: (reusable) => {
        read.pending -= pending
        pending = 0
        read.isReusable &&= reusable
        this.#leave(read)
      }
    }
  }

  /** Bytes of a leaf, and no more of it in memory than these. */
  async part(leaf: number, start: number, bytes: number): Promise<FrameBytes | Error> {
    let buffer: ReadBuffer | undefined
    try {
      buffer = await this.#take(bytes)
      const whole = this.#reads.get(leaf)
      if (whole?.state === 'read' && whole.buffer !== undefined) {
        buffer.body.set(whole.buffer.body.subarray(start, start + bytes))
      } else {
        await this.#source.read(leaf, buffer.body, start, bytes)
      }
    } catch (error) {
      if (buffer !== undefined) {
        this.#pool.give(buffer)
      }
      return asError(error)
    }
    return this.#own(buffer, bytes)
  }

  #own(buffer: ReadBuffer, bytes: number): FrameBytes {
    let isOurs = true
    return {
      bytes: buffer.body.subarray(0, bytes),
      headRoom: true,
      taken: () => {
        if (isOurs) {
          this.#pool.settle(buffer)
        }
      },
      release: (reusable) => {
        isOurs = false
        this.#return(buffer, reusable)
      }
    }
  }

  #open(leaf: number): LeafRead {
    const known = this.#reads.get(leaf)
    if (known === undefined) {
      return this.#begin(leaf)
    }
    if (known.buffer !== undefined) {
      this.#pool.unpark(known.buffer)
    }
    known.users++
    known.pending++
    return known
  }

  #begin(leaf: number): LeafRead {
    const { promise: done, resolve } = Promise.withResolvers<Error | undefined>()
    const read: LeafRead = { leaf, done, buffer: undefined, state: 'reading', users: 1, pending: 1, isReusable: true }
    this.#reads.set(leaf, read)
    const bytes = this.#source.leafBytes(leaf)
    const run = async (): Promise<undefined> => {
      read.buffer = await this.#take(bytes)
      await this.#source.read(leaf, read.buffer.body, 0, bytes)
      read.state = 'read'
    }
    run().then(resolve, (error: unknown) => {
      read.state = 'failed'
      this.#reads.delete(leaf) // the next one who needs it tries again
      resolve(asError(error))
    })
    return read
  }

  /** One user less. */
  #leave(read: LeafRead): void {
    const { leaf, buffer } = read
    read.users--
    if (read.users > 0 || buffer === undefined) {
      return
    }
    if (read.state === 'read' && read.isReusable && !this.#signal.aborted) {
      this.#pool.park(buffer, () => {
        this.#reads.delete(leaf)
      })
      return
    }
    if (this.#reads.get(leaf) === read) {
      this.#reads.delete(leaf)
    }
    this.#return(buffer, read.isReusable)
  }

  #return(buffer: ReadBuffer, reusable: boolean): void {
    if (reusable) {
      this.#pool.give(buffer)
    } else {
      this.#pool.settle(buffer)
    }
  }

  async #take(bytes: number): Promise<ReadBuffer> {
    this.#signal.throwIfAborted()
    const buffer = this.#pool.tryTake(bytes)
    if (buffer !== undefined) {
      return buffer
    }
    this.#waiting++
    try {
      return await this.#pool.take(bytes, this.#signal)
    } finally {
      this.#waiting--
    }
  }

  #clear(): void {
    for (const [leaf, { users, buffer }] of this.#reads) {
      if (users === 0 && buffer !== undefined) {
        this.#reads.delete(leaf)
        this.#pool.unpark(buffer)
        this.#pool.give(buffer)
      }
    }
  }
}
