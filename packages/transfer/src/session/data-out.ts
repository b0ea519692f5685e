import { DeadlineError } from '@p2pshare/interface'
import type { BulkChannel } from '@p2pshare/interface'
import { Uint8ArrayList } from 'uint8arraylist'
import { encodeFrameHeader, FRAME_HEADER_BYTES, writeFrameHeader } from '../wire/frame.ts'
import type { FrameHeader } from '../wire/frame.ts'
import type { Lane } from './lane.ts'
import type { SendBudget } from './send-budget.ts'
import { STILL_MS } from './send-budget.ts'
import { SEND_WINDOW_BYTES, SendWindow } from './send-window.ts'
import type { LostFrame, Release } from './send-window.ts'

/** Largest piece handed to the stream lane at once; smaller ones cost more, larger ones delay control messages. */
const SLICE_BYTES = 256 * 1024

/**
 * What a lane begins with, until it has carried more: a muxer hands on a slice when all of it has come, and a path whose
 * congestion window is still that of its start would bring nothing for several round trips.
 */
const FIRST_SLICE_BYTES = 16 * 1024

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

/** One stream lane that frames went to, and what the peer has not acknowledged of it. */
interface OutLane {
  /** The move that brought it; 0 for the first. */
  readonly move: number
  readonly lane: Lane
  readonly window: SendWindow
  /** It takes no more: what of it did not arrive goes by another lane, unless the peer asked for it again. */
  isLeft: boolean
  /** The peer asks for data by itself: it is not sent again. */
  isAsked: boolean
  /** Lets go of whoever waits for the lane to drain. */
  stop: () => void
}

/**
 * Frames to one peer: over the bulk channel when there is one, over the stream lane otherwise. When the session moves
 * (SPEC.md#moves) frames go to the lane of the new connection at once, and what the old one did not bring goes there too.
 */
export class DataOut {
  readonly #budget: SendBudget | undefined
  #current: OutLane
  /** Lanes that were left, until the peer has said what came by them. */
  readonly #left = new Map<number, OutLane>()
  /** Frames that a lane lost, to be sent before others. */
  readonly #lost: LostFrame[] = []
  #channel: BulkChannel | undefined
  #sending = false
  #halted = false
  #closed = false
  #changed: PromiseWithResolvers<void> | undefined

  /** @param budget - what the lanes of all sessions share */
  constructor(lane: Lane, budget?: SendBudget) {
    this.#budget = budget
    this.#current = outLane(0, lane, budget)
  }

  /** What is on the way by the lane in use. */
  get window(): SendWindow {
    return this.#current.window
  }

  /** Bytes that were sent by stream lanes and not acknowledged. */
  get unackedBytes(): number {
    const left = [...this.#left.values()].filter((lane) => lane !== this.#current)
    return left.reduce((sum, { window }) => sum + window.unackedBytes, this.#current.window.unackedBytes)
  }

  /** Whether a frame of data would go out at once. */
  get canTake(): boolean {
    return !this.#sending && !this.#closed && !this.#halted && (this.#channel !== undefined || this.#laneHasRoom)
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
    // whoever waits for room must not keep away what a lane lost, which goes first
    while (this.#sending || !this.#mayGo(header)) {
      await this.#change()
    }
    this.#sending = true
    try {
      if (this.#closed || (this.#halted && header.kind === 'data')) {
        options.release(true)
      } else if (this.#channel !== undefined && header.kind === 'data') {
        await this.#overChannel(this.#channel, header, body, options)
      } else {
        await this.#overLane({ header, body, ...options })
      }
    } finally {
      this.#sending = false
      this.#wake()
    }
  }

  /** The peer has so much of a stream lane. Returns false when that is more than was sent. */
  acked(total: number, move = 0): boolean {
    const lane = this.#laneOf(move)
    // a lane that was opened and never used here: a move that did not come about
    const isPossible = lane === undefined ? total === 0 : lane.window.acked(total)
    this.#wake()
    return isPossible
  }

  /** The peer takes no more from the lane of a move: what it did not acknowledge is sent again. */
  finish(move: number): void {
    const lane = this.#laneOf(move)
    if (lane === undefined) {
      return
    }
    this.#leave(lane)
    this.#left.delete(move)
    for (const lost of lane.window.lost()) {
      if (lost.header.kind === 'data' && (lane.isAsked || this.#halted)) {
        lost.release(false)
      } else {
        this.#lost.push(lost)
      }
    }
    void this.#sendLost()
  }

  /** The lane in use ended before its time; the next one comes by `moveTo`. */
  pause(): void {
    this.#leave(this.#current)
  }

  /** Send frames by this lane from now on. */
  moveTo(move: number, lane: Lane): void {
    this.#leave(this.#current)
    this.#current = outLane(move, lane, this.#budget)
    this.#wake()
    void this.#sendLost()
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

  /** The peer has taken back what it had asked for, and asks for it again. Send data over the stream lane. */
  go(): void {
    if (this.#channel !== undefined || this.#halted) {
      this.#forgetLost()
    }
    this.#channel = undefined
    this.#halted = false
    this.#wake()
  }

  close(): void {
    this.#closed = true
    for (const lane of [this.#current, ...this.#left.values()]) {
      lane.window.close()
      lane.stop()
    }
    for (const { release } of this.#lost.splice(0)) {
      release(false)
    }
    this.#wake()
  }

  /** The peer asks again for all data that has not come, that of lanes which were left among it. */
  #forgetLost(): void {
    for (const lane of this.#left.values()) {
      lane.isAsked = true
    }
    const nodes = this.#lost.filter(({ header }) => header.kind === 'node')
    for (const { header, release } of this.#lost.splice(0, Infinity, ...nodes)) {
      if (header.kind === 'data') {
        release(false)
      }
    }
  }

  /** Lanes that were left count too: together they keep twice as much as one. */
  get #laneHasRoom(): boolean {
    const { isLeft, window } = this.#current
    return !isLeft && this.#lost.length === 0 && window.hasRoom && this.unackedBytes < 2 * SEND_WINDOW_BYTES
  }

  #laneOf(move: number): OutLane | undefined {
    return move === this.#current.move ? this.#current : this.#left.get(move)
  }

  #leave(lane: OutLane): void {
    if (!lane.isLeft) {
      lane.isLeft = true
      this.#left.set(lane.move, lane)
      lane.lane.end()
      lane.stop()
    }
  }

  #mayGo({ kind }: FrameHeader): boolean {
    return this.#closed || this.#laneHasRoom || (kind === 'data' && (this.#halted || this.#channel !== undefined))
  }

  /** Before anything else, and by itself: there may be nothing else to send. */
  async #sendLost(): Promise<void> {
    while (this.#lost.length > 0 && !this.#closed) {
      if (this.#sending || this.#current.isLeft || !this.#current.window.hasRoom) {
        await this.#change()
        continue
      }
      const frame = this.#lost.shift()
      this.#sending = true
      await (frame && this.#overLane(frame))
      this.#sending = false
      this.#wake()
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

  /** All of a frame, or as much as goes out before the lane is left. */
  async #overLane({ header, body, release, onSlice }: LostFrame & SendFrameOptions): Promise<void> {
    const lane = this.#current
    // the header goes with the first slice: a small write of its own costs as much as a large one
    const first = body.subarray(0, sliceBytes(lane))
    await this.#sendPiece(lane, new Uint8ArrayList(encodeFrameHeader(header), first))
    onSlice?.(first.byteLength)
    let at = first.byteLength
    while (at < body.byteLength && !this.#closed && !lane.isLeft) {
      const slice = body.subarray(at, at + sliceBytes(lane))
      await this.#sendPiece(lane, slice)
      onSlice?.(slice.byteLength)
      at += slice.byteLength
    }
    lane.window.hold(release, { header, body }, Math.max(0, body.byteLength - at))
  }

  async #sendPiece(out: OutLane, piece: Uint8Array | Uint8ArrayList): Promise<void> {
    out.window.sent(piece.byteLength)
    if (!out.lane.send(piece)) {
      await new Promise<void>((resolve) => {
        out.stop = resolve
        void out.lane.drained().then(resolve)
      })
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

function outLane(move: number, lane: Lane, budget: SendBudget | undefined): OutLane {
  const window = new SendWindow(budget, () => {
    lane.abort(new DeadlineError('acknowledging what was sent', STILL_MS))
  })
  return { move, lane, window, isLeft: false, isAsked: false, stop: () => undefined }
}

/** As much as it has carried before, within the bounds. */
function sliceBytes({ window }: OutLane): number {
  return Math.min(SLICE_BYTES, Math.max(FIRST_SLICE_BYTES, window.sentBytes))
}

function withHeader(header: FrameHeader, body: Uint8Array): Uint8Array {
  const frame = new Uint8Array(body.buffer, body.byteOffset - FRAME_HEADER_BYTES, FRAME_HEADER_BYTES + body.byteLength)
  writeFrameHeader(frame, header)
  return frame
}
