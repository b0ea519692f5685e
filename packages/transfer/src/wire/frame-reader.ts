import { decodeFrameHeader, FRAME_HEADER_BYTES } from './frame.ts'
import type { FrameBody, FrameHeader, FrameSink } from './frame.ts'

/**
 * Cuts a byte stream into frames. The bytes are read straight into the place where they belong (`room`, `filled`), or
 * copied there from chunks (`push`).
 */
export class FrameReader {
  readonly #sink: FrameSink
  readonly #wake: () => void
  readonly #scratch = new Uint8Array(FRAME_HEADER_BYTES)
  #headerFill = 0
  /** Read, and not taken by the sink yet. */
  #header: FrameHeader | undefined
  #body: FrameBody | undefined
  #bodyLeft = 0

  /** `wake` is called when the sink may have room again for the frame that the reader is blocked on. */
  constructor(sink: FrameSink, wake: () => void = () => undefined) {
    this.#sink = sink
    this.#wake = wake
  }

  /** The sink had no room for a frame. */
  get isBlocked(): boolean {
    return this.#header !== undefined
  }

  /** Where the next bytes belong; not empty. Not to be called while blocked. */
  room(): Uint8Array {
    const room = this.#body?.room() ?? this.#scratch.subarray(this.#headerFill)
    return this.#body !== undefined && room.byteLength > this.#bodyLeft ? room.subarray(0, this.#bodyLeft) : room
  }

  /** The first `bytes` of the last room were read. */
  filled(bytes: number): void {
    if (this.#body === undefined) {
      this.#headerFill += bytes
      if (this.#headerFill === FRAME_HEADER_BYTES) {
        this.#headerFill = 0
        this.#header = decodeFrameHeader(this.#scratch)
        this.retry()
      }
      return
    }
    this.#bodyLeft -= bytes
    this.#body.filled(bytes)
    this.#endBodyIfComplete()
  }

  /** Take bytes of a chunk, all unless the sink has no room; returns how many. */
  push(chunk: Uint8Array): number {
    let at = 0
    while (at < chunk.byteLength && !this.isBlocked) {
      const room = this.room()
      const piece = chunk.subarray(at, at + room.byteLength)
      room.set(piece)
      at += piece.byteLength
      this.filled(piece.byteLength)
    }
    return at
  }

  /** Ask the sink again. */
  retry(): void {
    const header = this.#header
    if (header === undefined) {
      return
    }
    const body = this.#sink.open(header, this.#wake)
    if (body !== undefined) {
      this.#header = undefined
      this.#body = body
      this.#bodyLeft = header.bytes
      this.#endBodyIfComplete() // at once: the block of an empty file
    }
  }

  /** The lane ended. */
  end(): void {
    this.#header = undefined
    const body = this.#body
    this.#body = undefined
    body?.end(false)
  }

  #endBodyIfComplete(): void {
    if (this.#bodyLeft === 0) {
      const body = this.#body
      this.#body = undefined
      body?.end(true)
    }
  }
}
