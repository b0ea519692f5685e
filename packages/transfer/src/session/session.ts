import type { PeerId } from '@libp2p/interface'
import { InvalidMessageError } from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'
import { asError } from '../as-error.ts'
import { decodeMessage, encodeMessage } from '../wire/codec.ts'
import type { Message, RejectReason, Run } from '../wire/codec.ts'
import { delimit, Undelimiter } from '../wire/delimited.ts'
import type { FrameHeader, FrameSink } from '../wire/frame.ts'
import { MAX_CONTROL_BYTES, MAX_RUNS } from '../wire/limits.ts'
import type { ChannelAccess } from './channel-target.ts'
import { DataIn } from './data-in.ts'
import { DataOut } from './data-out.ts'
import type { SendFrameOptions } from './data-out.ts'
import { InboundChannel } from './inbound-channel.ts'
import type { Lane } from './lane.ts'
import { OutboundChannel } from './outbound-channel.ts'

/** A peer that lets this much control traffic pile up does not read; its session ends. */
export const MAX_CONTROL_BACKLOG_BYTES = 4 * 1024 * 1024

/**
 * Received bytes are acknowledged in steps of this size: a quarter of the peer's send window, so that it never waits,
 * and few enough messages that they cost nothing.
 */
const ACK_STEP_BYTES = 2 * 1024 * 1024

export interface SessionEvents extends FrameSink {
  message(message: Message): void
  /** What the peer was asked for and has not sent: asked for again when a channel was lost. @default nothing */
  outstanding?(): readonly Run[]
  /** Bytes that are missing here, and so worth a channel. @default 0 */
  missingBytes?(): number
}

export interface SessionInit {
  readonly peer: PeerId
  readonly root: CID
  readonly control: Lane
  readonly data: Lane
  /** Round trip of the connection in milliseconds, as far as it is known. */
  readonly rttMs?: number | undefined
  /** How bulk channels to the peer are opened; absent when there are none. */
  readonly access?: ChannelAccess | undefined
  /** Told of every byte that arrives as data; returns for how many milliseconds to read no more. */
  readonly intake?: { took(bytes: number): number } | undefined
}

/**
 * One peer, one root: a control lane, a data lane, and bulk channels when they are worth it (SPEC.md#sessions). It moves
 * messages and frames, and knows no policy.
 */
export class Session {
  readonly peer: PeerId
  readonly key: string
  readonly root: CID
  /** Resolves once with why the session ended. */
  readonly closed: Promise<string>
  readonly #init: SessionInit
  readonly #control: Lane
  readonly #data: Lane
  readonly #out: DataOut
  readonly #outbound: OutboundChannel
  #inbound: InboundChannel | undefined
  #dataIn: DataIn | undefined
  readonly #resolveClosed: (reason: string) => void
  #received = 0
  #acked = 0
  #open = true

  constructor(init: SessionInit) {
    this.#init = init
    this.peer = init.peer
    this.key = init.peer.toString()
    this.root = init.root
    this.#control = init.control
    this.#data = init.data
    this.#out = new DataOut(init.data)
    const { promise, resolve } = Promise.withResolvers<string>()
    this.closed = promise
    this.#resolveClosed = resolve
    const send = this.send.bind(this)
    this.#outbound = new OutboundChannel({ peer: init.peer, access: init.access, out: this.#out, send })
    for (const lane of [init.control, init.data]) {
      void lane.closed.then((error) => {
        this.#finish(error === undefined ? 'closed by the peer' : error.message, error)
      })
    }
  }

  get isOpen(): boolean {
    return this.#open
  }

  /** Bytes sent by the stream lane that the peer has not acknowledged. */
  get unackedBytes(): number {
    return this.#out.window.unackedBytes
  }

  /** Round trip of the connection in milliseconds when the session began, if it was known. */
  get rttMs(): number | undefined {
    return this.#init.rttMs
  }

  /** Whether a frame of data would go out at once. */
  get canTake(): boolean {
    return this.#out.canTake
  }

  /** Resolves when `canTake`, or when the session ended. */
  async ready(): Promise<void> {
    return this.#out.ready()
  }

  /** Begin to deliver. What the peer breaks ends the session; nothing is thrown out of here. */
  start(events: SessionEvents): void {
    const undelimiter = new Undelimiter(MAX_CONTROL_BYTES)
    const { access, intake } = this.#init
    const took = (bytes: number): number => intake?.took(bytes) ?? 0
    this.#inbound =
      access &&
      new InboundChannel({
        peer: this.peer,
        access,
        sink: events,
        took,
        send: (message) => {
          this.send(message)
        },
        lost: (told) => {
          this.#askAgain(events, told)
        }
      })
    const data = new DataIn({
      sink: events,
      took,
      consumed: (bytes) => {
        this.#countReceived(bytes)
        this.#inbound?.onBytes(bytes, events.missingBytes?.() ?? 0)
      },
      pause: () => {
        this.#data.pause()
      },
      resume: () => {
        this.#data.resume()
      },
      failed: (error) => {
        this.fail(error)
      }
    })
    this.#dataIn = data
    this.#control.receive((chunk) => {
      this.#guard(() => {
        this.#takeMessages(undelimiter, chunk, events)
      })
    })
    this.#data.receive((chunk) => {
      this.#guard(() => {
        data.push(chunk)
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

  /**
   * One frame; resolves when the next one may be sent. Callers send one frame at a time. Data goes by the bulk channel
   * when there is one, nodes always go by the stream lane.
   */
  async sendFrame(header: FrameHeader, body: Uint8Array, options: SendFrameOptions): Promise<void> {
    return this.#out.send(header, body, options)
  }

  /** Nothing is missing here any more: a channel would only stand open. */
  wantsNoMore(): void {
    this.#inbound?.stop()
  }

  /** Say why, then end. */
  reject(reason: RejectReason): void {
    this.send({ type: 'reject', reason, runs: [], nodes: 0 })
    this.close(`rejected: ${reason}`)
  }

  close(reason: string): void {
    this.#finish(reason, undefined)
  }

  fail(error: Error): void {
    this.#finish(error.message, error)
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
    switch (message.type) {
      case 'ack':
        if (!this.#out.acked(message.bytes)) {
          throw new InvalidMessageError(`acknowledgement of ${message.bytes} bytes, more than were sent`)
        }
        return
      case 'channel':
        this.#outbound.hear(message)
        return
      case 'channel-reply':
        this.#inbound?.hear(message)
        return
      default:
        events.message(message)
    }
  }

  /** A channel was lost: what has not arrived is cancelled, `told` says so, and it is asked for once more. */
  #askAgain(events: SessionEvents, told: () => void): void {
    const runs = events.outstanding?.() ?? []
    const batches = Array.from({ length: Math.ceil(runs.length / MAX_RUNS) }, (_, at) =>
      runs.slice(at * MAX_RUNS, (at + 1) * MAX_RUNS)
    )
    for (const batch of batches) {
      this.send({ type: 'cancel', runs: batch })
    }
    told()
    for (const batch of batches) {
      this.send({ type: 'request', runs: batch })
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
    for (const lane of [this.#control, this.#data]) {
      if (error === undefined) {
        lane.end()
      } else {
        lane.abort(error)
      }
    }
    this.#inbound?.close()
    this.#outbound.close()
    this.#dataIn?.end()
    this.#out.close()
    this.#resolveClosed(reason)
  }
}
