import type { PeerId } from '@libp2p/interface'
import { InvalidMessageError } from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'
import { asError } from '../as-error.ts'
import { decodeMessage, encodeMessage } from '../wire/codec.ts'
import type { Message, RejectReason } from '../wire/codec.ts'
import { delimit } from '../wire/delimited.ts'
import type { FrameHeader } from '../wire/frame.ts'
import { askAgain } from './ask-again.ts'
import { DataOut } from './data-out.ts'
import type { SendFrameOptions } from './data-out.ts'
import { HeardCount } from './heard-count.ts'
import { InboundChannel } from './inbound-channel.ts'
import { LeftLinks } from './left-links.ts'
import { Link } from './link.ts'
import { MessageLog } from './message-log.ts'
import { OutboundChannel } from './outbound-channel.ts'
import type { NextLanes, SessionEvents, SessionInit } from './session-init.ts'

export type { NextLanes, SessionEvents, SessionInit, SessionMoves } from './session-init.ts'

/** A peer that lets this much control traffic pile up does not read; its session ends. */
export const MAX_CONTROL_BACKLOG_BYTES = 4 * 1024 * 1024

/**
 * Received bytes are acknowledged in steps of this size: half of the least send window that a peer has, so that it never
 * waits, and few enough messages that they cost nothing.
 */
const ACK_STEP_BYTES = 512 * 1024

/**
 * A session whose connection was lost waits so long for the next one: a few dials over a relay. Meanwhile what was asked
 * of the peer is asked of nobody else.
 */
export const RESUME_MS = 5000

/** Moves that one side took for done and the other one never heard of, in a row. */
export const MAX_SKIPPED_MOVES = 64

/**
 * One peer, one root: a control lane, a data lane, and bulk channels when they are worth it (SPEC.md#sessions). It moves
 * messages and frames, and knows no policy. When the peer can do so too it goes on over another connection, with no
 * message lost and none heard twice (SPEC.md#moves).
 */
export class Session {
  readonly peer: PeerId
  readonly key: string
  readonly root: CID
  /** Resolves once with why the session ended. */
  readonly closed: Promise<string>
  readonly #init: SessionInit
  readonly #out: DataOut
  readonly #outbound: OutboundChannel
  /** What the peer may have to be told again; absent when the session cannot move. */
  readonly #log: MessageLog | undefined
  readonly #isClosed = Promise.withResolvers<string>()
  #events: SessionEvents | undefined
  #inbound: InboundChannel | undefined
  /** The link in use; without one, the connection was lost and another one is waited for. */
  #link: Link | undefined
  #move = 0
  /** Links that were left, until both sides are done with them. */
  readonly #left = new LeftLinks()
  #rttMs: number | undefined
  readonly #heard = new HeardCount()
  #resumeTimer: NodeJS.Timeout | undefined
  #lostReason: Error | undefined
  #open = true

  constructor(init: SessionInit) {
    this.#init = init
    this.peer = init.peer
    this.key = init.peer.toString()
    this.root = init.root
    this.#rttMs = init.rttMs
    this.#out = new DataOut(init.data, init.budget)
    this.closed = this.#isClosed.promise
    if (init.moves !== undefined) {
      this.#log = new MessageLog()
      const { first } = init.moves
      if (first !== undefined) {
        this.#log.add(delimit(encodeMessage(first)))
      }
    }
    const send = this.send.bind(this)
    this.#outbound = new OutboundChannel({ peer: init.peer, access: init.access, out: this.#out, send })
    this.#link = this.#newLink(0, init)
  }

  get isOpen(): boolean {
    return this.#open
  }

  /** Whether it has a connection, and does not wait for another one. */
  get isConnected(): boolean {
    return this.#open && this.#link !== undefined
  }

  /** Whether both sides are done with every lane that was left. */
  get isSettled(): boolean {
    return this.#left.count === 0
  }

  /** Its name, if it can move. */
  get id(): Uint8Array | undefined {
    return this.#init.moves?.id
  }

  /** Number of the last move, 0 before the first one. */
  get move(): number {
    return this.#move
  }

  /** Messages of the peer that were heard. */
  get heard(): number {
    return this.#heard.count
  }

  /** Bytes sent by stream lanes that the peer has not acknowledged. */
  get unackedBytes(): number {
    return this.#out.unackedBytes
  }

  /** Round trip of the connection in milliseconds when the session came to it, if it was known. */
  get rttMs(): number | undefined {
    return this.#rttMs
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
    this.#events = events
    const send = this.send.bind(this)
    this.#inbound = new InboundChannel({
      peer: this.peer,
      access: this.#init.access,
      sink: events,
      missing: () => events.missingBytes?.() ?? 0,
      took: (bytes) => this.#took(bytes),
      send,
      lost: (told) => {
        askAgain(events.outstanding?.() ?? [], send, told)
      }
    })
    this.#link?.start()
  }

  /** Whether it can go on over other lanes, when the peer has heard so much of it. */
  canMove(move: number, heardThere: number): boolean {
    return (
      this.#open &&
      move > this.#move &&
      move <= this.#move + 1 + MAX_SKIPPED_MOVES &&
      this.#log?.since(heardThere) !== undefined
    )
  }

  /**
   * Go on over other lanes. Messages that the peer has not heard are said there again, frames go there from the next one
   * on, and what is on its way by the lanes before is still taken. Returns false when it is not possible: `next` is not
   * used then.
   */
  moveTo(next: NextLanes): boolean {
    if (!this.canMove(next.move, next.heardThere)) {
      return false
    }
    clearTimeout(this.#resumeTimer)
    this.#left.endDrains(this.#move)
    const unheard = this.#log?.since(next.heardThere) ?? { place: 0, messages: [] }
    const before = this.#link
    const skipped = this.#move + 1
    this.#move = next.move
    this.#rttMs = next.rttMs ?? this.#rttMs
    this.#link = this.#newLink(next.move, next)
    this.#out.moveTo(next.move, next.data)
    next.control.send(delimit(encodeMessage({ type: 'resume', place: unheard.place })))
    for (const message of unheard.messages) {
      next.control.send(message)
    }
    if (before !== undefined) {
      this.#leave(before)
    }
    for (let move = skipped; move < next.move; move++) {
      this.send({ type: 'ack', bytes: 0, move, last: true }) // the peer may have begun to use it
    }
    this.#outbound.renew(next.access)
    // a peer that moves first ends the lanes in order, before its answer is here
    this.#inbound?.renew(next.access, before !== undefined || this.#lostReason === undefined)
    this.#lostReason = undefined
    if (this.#events !== undefined) {
      this.#link.start()
      this.#events.moved?.()
    }
    if (this.#left.areTooMany) {
      this.fail(new InvalidMessageError('the peer does not say what came by the lanes that were left'))
    }
    return true
  }

  /** No other connection comes: a session that was lost ends, as it would have when that happened. */
  giveUp(): void {
    if (this.#link === undefined) {
      this.#finish(this.#lostReason?.message ?? 'closed by the peer', this.#lostReason)
    }
  }

  send(message: Message): void {
    if (!this.#open) {
      return
    }
    const bytes = delimit(encodeMessage(message))
    this.#log?.add(bytes)
    this.#link?.control.send(bytes)
    if ((this.#link?.control.backlogBytes ?? 0) > MAX_CONTROL_BACKLOG_BYTES) {
      this.fail(new InvalidMessageError('the peer does not read its control lane'))
    } else if (message.type === 'request') {
      this.#inbound?.onRequest()
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

  #took(bytes: number): number {
    return this.#init.intake?.took(bytes) ?? 0
  }

  #newLink(move: number, lanes: Pick<NextLanes, 'control' | 'data'>): Link {
    return new Link({
      ...lanes,
      move,
      sink: { open: (header, wake) => this.#events?.open(header, wake) },
      took: (bytes) => this.#took(bytes),
      begins: (bytes) => this.#placeOf(decodeMessage(bytes)),
      message: (bytes, place) => {
        this.#hear(bytes, place)
      },
      consumed: (link, bytes) => {
        if (link.received - link.acked >= ACK_STEP_BYTES) {
          this.#acknowledge(link)
        }
        this.#inbound?.onBytes(bytes)
      },
      ended: (link, error) => {
        this.#ended(link, error)
      },
      failed: (error) => {
        this.#events?.broke?.(error)
        this.fail(asError(error))
      }
    })
  }

  #placeOf(message: Message): number {
    const { count } = this.#heard
    if (message.type !== 'resume' || message.place > count) {
      throw new InvalidMessageError(`${message.type} where a control lane had to resume at ${count} or before`)
    }
    return message.place
  }

  /** Each message counts once, whichever links it came by. */
  #hear(bytes: Uint8Array, place: number): void {
    const events = this.#events
    if (!this.#open || events === undefined || !this.#heard.add(place, bytes.byteLength)) {
      return
    }
    this.#dispatch(decodeMessage(bytes), events)
    if (this.#log !== undefined && this.#heard.isDue) {
      this.#acknowledge(this.#link)
    }
  }

  #dispatch(message: Message, events: SessionEvents): void {
    switch (message.type) {
      case 'ack':
        this.#takeAck(message)
        return
      case 'channel':
        this.#outbound.hear(message)
        return
      case 'channel-reply':
        this.#inbound?.hear(message)
        return
      case 'end':
        this.close('closed by the peer')
        return
      case 'resume':
        throw new InvalidMessageError('a control lane that resumes in its middle')
      default:
        events.message(message)
    }
  }

  #takeAck({ bytes, move = 0, last, heard = 0 }: Message & { type: 'ack' }): void {
    if (!this.#out.acked(bytes, move)) {
      throw new InvalidMessageError(`acknowledgement of ${bytes} bytes, more than were sent`)
    }
    if (this.#log?.heard(heard) === false) {
      throw new InvalidMessageError(`acknowledgement of ${heard} messages, more than were said`)
    }
    if (last === true) {
      if (move === this.#link?.move) {
        throw new InvalidMessageError('the last acknowledgement of a lane that is in use')
      }
      this.#out.finish(move)
      this.#left.finished(move)
    }
  }

  /** A link ended by itself, or was left and ends. */
  #ended(link: Link, error: Error | undefined): void {
    if (!this.#open || link !== this.#link) {
      return
    }
    if (this.#log === undefined) {
      this.#finish(error === undefined ? 'closed by the peer' : error.message, error)
      return
    }
    this.#link = undefined
    this.#lostReason = error
    this.#out.pause()
    this.#leave(link)
    this.#resumeTimer = setTimeout(() => {
      this.giveUp()
    }, RESUME_MS)
    this.#init.moves?.lost?.()
  }

  /** Take what is on its way by a link, and tell the peer when that is over. */
  #leave(link: Link): void {
    this.#left.add(link, () => {
      this.#acknowledge(link, true)
    })
  }

  /** Tell the peer how much of its data lane, and how many of its messages, have arrived. */
  #acknowledge(link: Link | undefined, last = false): void {
    if (link === undefined) {
      return
    }
    const { received: bytes, move } = link
    link.acked = bytes
    if (this.#log === undefined) {
      this.send({ type: 'ack', bytes })
      return
    }
    this.send({ type: 'ack', bytes, move, ...(last && { last }), heard: this.#heard.tell() })
  }

  #finish(reason: string, error: Error | undefined): void {
    if (!this.#open) {
      return
    }
    if (this.#log !== undefined && error === undefined) {
      this.send({ type: 'end' })
    }
    this.#open = false
    clearTimeout(this.#resumeTimer)
    this.#link?.close(error)
    this.#left.close()
    this.#inbound?.close()
    this.#outbound.close()
    this.#out.close()
    this.#isClosed.resolve(reason)
  }
}
