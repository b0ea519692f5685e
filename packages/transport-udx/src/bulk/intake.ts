import type { BulkSink } from '@p2pshare/interface'
import { UdxBulkChannelError } from '../errors.ts'
import { JOINED_BYTES } from './constants.ts'
import { free } from './free.ts'

/**
 * Brings bytes to the sink, whole and in order, whenever it has room for them. Pure. How much waits is for the channel to
 * bound.
 */
export class Intake {
  readonly #sink: BulkSink
  readonly #kept: Uint8Array[] = []
  /** Begins so: nothing reaches the sink before its owner has the channel. */
  #isPaused = true
  #isInSink = false
  #wasResumed = false
  #waitingBytes = 0

  constructor(sink: BulkSink) {
    this.#sink = sink
  }

  /** Pieces that wait for the sink: of tiny ones, few. */
  get pieces(): number {
    return this.#kept.length
  }

  /** Bytes that wait for the sink. */
  get waitingBytes(): number {
    return this.#waitingBytes
  }

  /** These bytes arrived, and are the intake's from now on, with all of their memory. Throws what the sink throws. */
  give(bytes: Uint8Array): void {
    const last = this.#kept.at(-1)
    if (last !== undefined && last.byteLength + bytes.byteLength <= JOINED_BYTES) {
      this.#kept[this.#kept.length - 1] = joined(last, bytes)
    } else {
      this.#kept.push(bytes)
    }
    this.#waitingBytes += bytes.byteLength
    this.#pour()
  }

  /** The sink takes more. */
  resume(): void {
    if (this.#isInSink) {
      this.#wasResumed = true
      return
    }
    this.#isPaused = false
    this.#pour()
  }

  #pour(): void {
    while (!this.#isPaused && !this.#isInSink) {
      const first = this.#kept[0]
      if (first === undefined) {
        return
      }
      const view = this.#sink.buffer()
      if (view.byteLength === 0) {
        throw new UdxBulkChannelError('sink', 'the sink gave a buffer without room')
      }
      const bytes = Math.min(view.byteLength, first.byteLength)
      view.set(first.subarray(0, bytes))
      if (bytes === first.byteLength) {
        this.#kept.shift()
        free(first)
      } else {
        this.#kept[0] = first.subarray(bytes)
      }
      this.#waitingBytes -= bytes
      this.#tellSink(bytes)
    }
  }

  #tellSink(bytes: number): void {
    this.#isInSink = true
    this.#wasResumed = false
    try {
      const more = this.#sink.filled(bytes)
      this.#isPaused = !more && !this.#wasResumed
    } finally {
      this.#isInSink = false
    }
  }
}

/** In memory of its own: `Buffer.concat` would take it from what others use too. */
function joined(one: Uint8Array, two: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.byteLength + two.byteLength)
  both.set(one)
  both.set(two, one.byteLength)
  return both
}
