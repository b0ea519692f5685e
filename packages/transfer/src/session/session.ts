import type { PeerId } from '@libp2p/interface'
import { InvalidMessageError } from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'
import { Uint8ArrayList } from 'uint8arraylist'
import { asError } from '../as-error.ts'
import { decodeMessage, encodeMessage } from '../wire/codec.ts'
import type { Message, RejectReason } from '../wire/codec.ts'
import { delimit, Undelimiter } from '../wire/delimited.ts'
import { encodeFrameHeader, FrameParser } from '../wire/frame.ts'
import type { FrameHeader, FrameSink } from '../wire/frame.ts'
import { MAX_CONTROL_BYTES } from '../wire/limits.ts'
import type { Lane } from './lane.ts'
import { SendWindow } from './send-window.ts'

/** A peer that lets this much control traffic pile up does not read; its session ends. */
export const MAX_CONTROL_BACKLOG_BYTES = 4 * 1024 * 1024

/**
 * Received bytes are acknowledged in steps of this size: a quarter of the peer's send window, so that it never waits,
 * and few enough messages that they cost nothing.
 */
const ACK_STEP_BYTES = 2 * 1024 * 1024

/** Largest piece handed to a lane at once; smaller ones cost more, larger ones delay control messages. */
const SLICE_BYTES = 256 * 1024

export interface SessionEvents extends FrameSink {
  message(message: Message): void
}

export interface SessionInit {
  readonly peer: PeerId
  readonly root: CID
  readonly control: Lane
  readonly data: Lane
}

/** One peer, one root: a control lane and a data lane (SPEC.md#sessions). It moves messages and knows no policy. */
export class Session {
  readonly peer: PeerId
  readonly key: string
  readonly root: CID
  readonly window = new SendWindow()
  /** Resolves once with why the session ended. */
  readonly closed: Promise<string>
  readonly #control: Lane
  readonly #data: Lane
  readonly #end: (reason: string) => void
  #received = 0
  #acked = 0
  #open = true

  constructor(init: SessionInit) {
    this.peer = init.peer
    this.key = init.peer.toString()
    this.root = init.root
    this.#control = init.control
    this.#data = init.data
    const { promise, resolve } = Promise.withResolvers<string>()
    this.closed = promise
    this.#end = resolve
    for (const lane of [init.control, init.data]) {
      void lane.closed.then((error) => {
        this.#finish(error === undefined ? 'closed by the peer' : error.message, error)
      })
    }
  }

  get isOpen(): boolean {
    return this.#open
  }

  /** Begin to deliver. What the peer breaks ends the session; nothing is thrown out of here. */
  start(events: SessionEvents): void {
    const undelimiter = new Undelimiter(MAX_CONTROL_BYTES)
    const frames = new FrameParser(events)
    this.#control.receive((chunk) => {
      this.#guard(() => {
        this.#takeMessages(undelimiter, chunk, events)
      })
    })
    this.#data.receive((chunk) => {
      this.#guard(() => {
        frames.push(chunk)
        this.#countReceived(chunk.byteLength)
      })
    })
  }

  send(message: Message): void {
    if (!this.#open) {
      return
    }
    this.#control.send(delimit(encodeMessage(message)))
    if (this.#control.backlogBytes > MAX_CONTROL_BACKLOG_BYTES) {
      this.fail(new InvalidMessageError('the peer does not read its control lane'))
    }
  }

  /** One frame; resolves when the lane takes more. Callers send one frame at a time. `onSlice` hears of progress. */
  async sendFrame(
    header: FrameHeader,
    body: Uint8Array,
    onSlice: (bytes: number) => void = () => undefined
  ): Promise<void> {
    // the header goes with the first slice: a small write of its own costs as much as a large one
    const first = body.subarray(0, SLICE_BYTES)
    await this.#sendPiece(new Uint8ArrayList(encodeFrameHeader(header), first))
    onSlice(first.byteLength)
    for (let at = SLICE_BYTES; at < body.byteLength && this.#open; at += SLICE_BYTES) {
      const slice = body.subarray(at, at + SLICE_BYTES)
      await this.#sendPiece(slice)
      onSlice(slice.byteLength)
    }
  }

  /** Say why, then end. */
  reject(reason: RejectReason): void {
    this.send({ type: 'reject', reason, runs: [], nodes: 0 })
    this.close(`rejected: ${reason}`)
  }

  close(reason: string): void {
    if (this.#open) {
      this.#open = false
      this.#control.end()
      this.#data.end()
      this.#end(reason)
    }
  }

  fail(error: Error): void {
    this.#finish(error.message, error)
  }

  async #sendPiece(piece: Uint8Array | Uint8ArrayList): Promise<void> {
    this.window.sent(piece.byteLength)
    if (!this.#data.send(piece)) {
      await this.#data.drained()
    }
  }

  #takeMessages(undelimiter: Undelimiter, chunk: Uint8Array, events: SessionEvents): void {
    let at = 0
    while (at < chunk.byteLength && this.#open) {
      const { message, next } = undelimiter.take(chunk, at)
      at = next
      if (message !== undefined) {
        this.#dispatch(decodeMessage(message), events)
      }
    }
  }

  #dispatch(message: Message, events: SessionEvents): void {
    if (message.type !== 'ack') {
      events.message(message)
    } else if (!this.window.acked(message.bytes)) {
      throw new InvalidMessageError(`acknowledgement of ${message.bytes} bytes, more than were sent`)
    }
  }

  /** Tell the peer now and then how much of its data lane has arrived. */
  #countReceived(bytes: number): void {
    this.#received += bytes
    if (this.#received - this.#acked >= ACK_STEP_BYTES) {
      this.#acked = this.#received
      this.send({ type: 'ack', bytes: this.#received })
    }
  }

  #guard(work: () => void): void {
    if (!this.#open) {
      return
    }
    try {
      work()
    } catch (error) {
      this.fail(asError(error))
    }
  }

  #finish(reason: string, error: Error | undefined): void {
    if (!this.#open) {
      return
    }
    this.#open = false
    if (error === undefined) {
      this.#control.end()
      this.#data.end()
    } else {
      this.#control.abort(error)
      this.#data.abort(error)
    }
    this.#end(reason)
  }
}
