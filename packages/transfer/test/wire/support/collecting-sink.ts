import type { FrameBody, FrameHeader, FrameSink } from '../../../src/wire/frame.ts'

export interface Frame {
  readonly header: FrameHeader
  readonly body: Uint8Array
}

/** Keeps what a reader finds. */
export class CollectingSink implements FrameSink {
  readonly frames: Frame[] = []
  readonly headers: FrameHeader[] = []
  /** Bytes of bodies that came, whole or not. */
  bytes = 0
  /** Bodies whose lane ended before they were complete. */
  cut = 0
  /** Frames that may still come before there is no room. */
  room = Infinity
  /** Set while somebody waits for room. */
  wake: (() => void) | undefined

  open(header: FrameHeader, wake: () => void): FrameBody | undefined {
    if (this.room <= 0) {
      this.wake = wake
      return undefined
    }
    this.wake = undefined
    this.room--
    this.headers.push(header)
    const body = new Uint8Array(header.bytes)
    let fill = 0
    return {
      room: () => body.subarray(fill),
      filled: (bytes) => {
        fill += bytes
        this.bytes += bytes
      },
      end: (isComplete) => {
        if (isComplete) {
          this.frames.push({ header, body })
        } else {
          this.cut++
        }
      }
    }
  }

  /** There is room for so many frames more. */
  makeRoom(frames: number): void {
    this.room += frames
    this.wake?.()
  }
}
