import { MAX_RESERVED_IDS } from './constants.ts'
import { StreamIdError } from './errors.ts'

/** Stream ids are unsigned and 32 bits long; 0 is none. */
export const MAX_STREAM_ID = 0xffff_ffff

/** Whether a number can be a stream id. */
export function isStreamId(id: number): boolean {
  return Number.isInteger(id) && id > 0 && id <= MAX_STREAM_ID
}

/**
 * The stream ids of one node. UDX itself takes two streams of one id, and whoever knows an id can end its stream: so they
 * are kept in a set and come from a strong source.
 */
export class StreamIds {
  readonly #random: (most: number) => number
  readonly #taken = new Set<number>()
  readonly #reserved = new Set<number>()

  /** `random(most)` is a whole number from 0 to `most - 1` that nobody can guess. */
  constructor(random: (most: number) => number) {
    this.#random = random
  }

  get size(): number {
    return this.#taken.size
  }

  /** An id that is free, until `release()`. */
  take(): number {
    while (true) {
      const id = this.#random(MAX_STREAM_ID) + 1
      if (!this.#taken.has(id)) {
        this.#taken.add(id)
        return id
      }
    }
  }

  /** This very id; `false`: it is taken. */
  claim(id: number): boolean {
    const isFree = !this.#taken.has(id)
    this.#taken.add(id)
    return isFree
  }

  /** An id for a connection that is still being agreed on. Throws `StreamIdError` at the bound. */
  reserve(): number {
    if (this.#reserved.size >= MAX_RESERVED_IDS) {
      throw new StreamIdError(`${MAX_RESERVED_IDS} stream ids are reserved already`)
    }
    const id = this.take()
    this.#reserved.add(id)
    return id
  }

  isReserved(id: number): boolean {
    return this.#reserved.has(id)
  }

  /** A reserved id goes into use. Throws `StreamIdError` when it was not reserved, or is in use already. */
  use(id: number): void {
    if (!this.#reserved.delete(id)) {
      throw new StreamIdError('the stream id is not reserved')
    }
  }

  /** A reserved id is not needed after all. One that is in use stays so. */
  unreserve(id: number): void {
    if (this.#reserved.delete(id)) {
      this.#taken.delete(id)
    }
  }

  release(id: number): void {
    this.#reserved.delete(id)
    this.#taken.delete(id)
  }
}
