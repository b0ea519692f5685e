import type { BulkChannel } from '@p2pshare/interface'
import { Uint8ArrayList } from 'uint8arraylist'
import { encodeFrameHeader, FRAME_HEADER_BYTES, writeFrameHeader } from '../wire/frame.ts'
import type { FrameHeader } from '../wire/frame.ts'
import type { Lane } from './lane.ts'
import { SendWindow } from './send-window.ts'
import type { Release } from './send-window.ts'

/** Largest piece handed to the stream lane at once; smaller ones cost more, larger ones delay control messages. */
const SLICE_BYTES = 256 * 1024

/** How one frame is sent. */
export interface SendFrameOptions {
  /** What becomes of the buffer of the body. */
  readonly release: Release
  /** Hears of the bytes of the body as they are handed over. */
  readonly onSlice?: (bytes: number) => void
  /**
   * The 16 bytes before `body` in its buffer are the sender's own and nobody else refers to them: the header is
   * written there, so that frame goes out in one piece and is not copied.
   *
   * @default false
   */
  readonly headRoom?: boolean
}

/** Frames to one peer: over the bulk channel when there is one, over the stream lane otherwise. */
export class DataOut {
  readonly window = new SendWindow()
  readonly #lane: Lane
  #channel: BulkChannel | undefined
  #sending = false
  #halted = false
  #closed = false
  #changed: PromiseWithResolvers<void> | undefined

  constructor(lane: Lane) {
    this.#lane = lane
  }

  /** Whether a frame of data would go out at once. */
  get canTake(): boolean {
    return !this.#sending && !this.#closed && !this.#halted && (this.#channel !== undefined || this.window.hasRoom)
  }

  /** Resolves when `canTake`, or when nothing can be sent any more. */
  async ready(): Promise<void> {
    while (!this.canTake && !this.#closed) {
      await this.#change()
    }
  }

  /**
   * One frame; resolves when the next one may be sent. One at a time. While the peer has not said what it missed of a
   * channel that was lost, frames of data are dropped: it asks for them again.
   */
  async send(header: FrameHeader, body: Uint8Array, options: SendFrameOptions): Promise<void> {
    this.#sending = true
    try {
      await this.#room(header)
      if (this.#closed || (this.#halted && header.kind === 'data')) {
        options.release(true)
      } else if (this.#channel !== undefined && header.kind === 'data') {
        await this.#overChannel(this.#channel, header, body, options)
      } else {
        await this.#overLane(header, body, options)
      }
    } finally {
      this.#sending = false
      this.#wake()
    }
  }

  /** The peer has so much of the stream lane. Returns false when that is more than was sent. */
  acked(total: number): boolean {
    const isPossible = this.window.acked(total)
    this.#wake()
    return isPossible
  }

  /** Send data over this channel from the next frame on. */
  use(channel: BulkChannel): void {
    this.#channel = channel
    this.#wake()
  }

  /** The channel is gone, and what of its bytes has arrived is not known: send no data until `go()`. */
  halt(): void {
    this.#channel = undefined
    this.#halted = true
    this.#wake()
  }

  /** Send data over the stream lane. */
  go(): void {
    this.#channel = undefined
    this.#halted = false
    this.#wake()
  }

  close(): void {
    this.#closed = true
    this.window.close()
    this.#wake()
  }

  async #room({ kind }: FrameHeader): Promise<void> {
    const mayGo = (): boolean =>
      this.#closed || this.window.hasRoom || (kind === 'data' && (this.#halted || this.#channel !== undefined))
    while (!mayGo()) {
      await this.#change()
    }
  }

  async #overChannel(
    channel: BulkChannel,
    header: FrameHeader,
    body: Uint8Array,
    { release, onSlice, headRoom }: SendFrameOptions
  ): Promise<void> {
    const more = channel.write(
      headRoom === true ? [withHeader(header, body)] : [encodeFrameHeader(header), body],
      () => {
        release(true)
      }
    )
    onSlice?.(body.byteLength)
    if (!more) {
      await channel.drained()
    }
  }

  async #overLane(header: FrameHeader, body: Uint8Array, { release, onSlice }: SendFrameOptions): Promise<void> {
    // the header goes with the first slice: a small write of its own costs as much as a large one
    const first = body.subarray(0, SLICE_BYTES)
    await this.#sendPiece(new Uint8ArrayList(encodeFrameHeader(header), first))
    onSlice?.(first.byteLength)
    for (let at = SLICE_BYTES; at < body.byteLength && !this.#closed; at += SLICE_BYTES) {
      const slice = body.subarray(at, at + SLICE_BYTES)
      await this.#sendPiece(slice)
      onSlice?.(slice.byteLength)
    }
    this.window.hold(release)
  }

  async #sendPiece(piece: Uint8Array | Uint8ArrayList): Promise<void> {
    this.window.sent(piece.byteLength)
    if (!this.#lane.send(piece)) {
      await this.#lane.drained()
    }
  }

  async #change(): Promise<void> {
    this.#changed ??= Promise.withResolvers()
    await this.#changed.promise
  }

  #wake(): void {
    this.#changed?.resolve()
    this.#changed = undefined
  }
}

function withHeader(header: FrameHeader, body: Uint8Array): Uint8Array {
  const frame = new Uint8Array(body.buffer, body.byteOffset - FRAME_HEADER_BYTES, FRAME_HEADER_BYTES + body.byteLength)
  writeFrameHeader(frame, header)
  return frame
}
