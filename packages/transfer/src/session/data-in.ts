import type { BulkSink } from '@p2pshare/interface'
import { asError } from '../as-error.ts'
import { FrameReader } from '../wire/frame-reader.ts'
import type { FrameSink } from '../wire/frame.ts'

/** What a channel that reads on after it was told to stop writes to: a TLS record, and room to spare. */
const SPILL_BYTES = 64 * 1024

/** What of the world one incoming lane of data needs. */
export interface DataInInit {
  readonly sink: FrameSink
  /** Hears of every byte; returns for how many milliseconds to read no more. */
  took(bytes: number): number
  /** So many bytes were handed on, or were waited for. */
  consumed?(bytes: number): void
  /** Stop reading. A channel is told by the result of `filled`. */
  pause?(): void
  resume(): void
  /** A frame that must not be was found after a wait; during a read it is thrown. */
  failed(error: Error): void
}

/**
 * One incoming lane of frames: a libp2p stream that brings chunks (`push`), or a bulk channel that reads straight into
 * the buffers of leaves (`buffer`, `filled`). Stops reading while there is no room for a leaf, and for as long as a
 * rate limit says.
 */
export class DataIn implements BulkSink {
  readonly #init: DataInInit
  readonly #reader: FrameReader
  /** Read while the reader was blocked; the rate limit has heard of it. */
  readonly #pending: Uint8Array[] = []
  /** A muxer hands over all it has at once, whatever it was told meanwhile: what the rate limit has not heard of. */
  readonly #ahead: Uint8Array[] = []
  #spill = new Uint8Array()
  /** Whether the last buffer was one of the spill. */
  #spilling = false
  #timer: NodeJS.Timeout | undefined
  #ended = false

  constructor(init: DataInInit) {
    this.#init = init
    this.#reader = new FrameReader(init.sink, () => {
      this.#onWake()
    })
  }

  /** A chunk of a stream; it is kept if it cannot be handed on yet. */
  push(chunk: Uint8Array): void {
    if (this.#ended) {
      return
    }
    this.#ahead.push(chunk)
    this.#takeAhead()
    if (this.isStopped) {
      this.#init.pause?.()
    }
  }

  buffer(): Uint8Array {
    this.#spilling = this.#reader.isBlocked || this.#ended
    if (!this.#spilling) {
      return this.#reader.room()
    }
    if (this.#spill.byteLength === 0) {
      this.#spill = new Uint8Array(SPILL_BYTES)
    }
    return this.#spill
  }

  filled(bytes: number): boolean {
    if (this.#ended) {
      return false
    }
    this.#delay(this.#init.took(bytes))
    if (this.#spilling) {
      const chunk = this.#spill.subarray(0, bytes)
      this.#spill = this.#spill.subarray(bytes)
      this.#take(chunk)
    } else {
      this.#reader.filled(bytes)
      this.#init.consumed?.(bytes)
    }
    return !this.isStopped
  }

  /** The lane ended, or is not to be read any more: what of a leaf has arrived is kept. */
  end(): void {
    this.#ended = true
    clearTimeout(this.#timer)
    this.#pending.length = 0
    this.#ahead.length = 0
    this.#reader.end()
  }

  /** Whether nothing is read now: for want of room, or because a rate limit says so. */
  get isStopped(): boolean {
    return this.#reader.isBlocked || this.#timer !== undefined
  }

  #take(chunk: Uint8Array): void {
    const taken = this.#reader.push(chunk)
    this.#init.consumed?.(taken)
    if (taken < chunk.byteLength) {
      this.#pending.push(chunk.subarray(taken))
    }
  }

  #takeAhead(): void {
    while (!this.isStopped) {
      const chunk = this.#ahead.shift()
      if (chunk === undefined) {
        return
      }
      this.#delay(this.#init.took(chunk.byteLength))
      this.#take(chunk)
    }
  }

  #takePending(): void {
    this.#reader.retry()
    for (let chunk = this.#pending.shift(); chunk !== undefined; chunk = this.#pending.shift()) {
      const taken = this.#reader.push(chunk)
      this.#init.consumed?.(taken)
      if (taken < chunk.byteLength) {
        this.#pending.unshift(chunk.subarray(taken))
        return
      }
    }
  }

  /** There may be room again. */
  #onWake(): void {
    this.#goOn(() => {
      this.#takePending()
      this.#takeAhead()
    })
  }

  #goOn(take: () => void): void {
    if (this.#ended) {
      return
    }
    try {
      take()
    } catch (error) {
      this.#init.failed(asError(error))
      return
    }
    if (!this.isStopped) {
      this.#init.resume()
    }
  }

  #delay(ms: number): void {
    if (ms > 0) {
      clearTimeout(this.#timer)
      this.#timer = setTimeout(() => {
        this.#timer = undefined
        this.#goOn(() => {
          this.#takeAhead()
        })
      }, ms)
    }
  }
}
