import type { PeerId } from '@libp2p/interface'
import { InvalidMessageError } from '@p2pshare/interface'
import type { BulkChannel, BulkSink } from '@p2pshare/interface'
import type { ChannelReply, ChannelRequest } from '../wire/channel-message.ts'
import type { FrameSink } from '../wire/frame.ts'
import { ChannelAttempt } from './channel-attempt.ts'
import { CHANNEL_SETTLE_MS, InboundPlan } from './channel-plan.ts'
import type { InboundEffect } from './channel-plan.ts'
import type { ChannelAccess } from './channel-target.ts'
import { DataIn } from './data-in.ts'

export interface InboundChannelInit {
  readonly peer: PeerId
  /** Absent: there are none on this connection. */
  readonly access: ChannelAccess | undefined
  readonly sink: FrameSink
  /** Bytes that are still missing here. */
  missing(): number
  took(bytes: number): number
  send(message: ChannelRequest): void
  /**
   * A channel was lost: take back what was asked for and has not arrived, call `told`, and ask for it again. In this
   * order the peer sends nothing twice.
   */
  lost(told: () => void): void
}

/** Sees to a bulk channel for the data that comes from one peer: `InboundPlan` with the world around it. */
export class InboundChannel {
  readonly #init: InboundChannelInit
  readonly #plan = new InboundPlan()
  #access: ChannelAccess | undefined
  #attempt: ChannelAttempt | undefined

  constructor(init: InboundChannelInit) {
    this.#init = init
    this.#access = init.access
  }

  /** Whether data comes by a channel. */
  get isOpen(): boolean {
    return this.#plan.state === 'open'
  }

  /** Data was asked for. */
  onRequest(): void {
    if (this.#access?.sharesPath === true) {
      this.#doAll(this.#plan.onRequest(this.#init.missing(), performance.now()))
    }
  }

  /** Bytes came by the stream lane. */
  onBytes(bytes: number): void {
    if (this.#access?.sharesPath === false) {
      this.#doAll(this.#plan.onBytes(bytes, this.#init.missing(), performance.now()))
    }
  }

  hear(reply: ChannelReply): void {
    const now = performance.now()
    switch (reply.step) {
      case 'invite':
        this.#doAll(this.#plan.onInvite(reply.id, reply.token, reply.port))
        return
      case 'refuse':
        this.#doAll(this.#plan.onRefuse(reply.id, now))
        return
      case 'closed':
        this.#onClosedThere(reply.id)
    }
  }

  /**
   * The session has moved to a connection with other channels, or with none. `keeps`: one that is open works as before,
   * since it does not depend on the connection that was left; unless there must be none beside the new one.
   */
  renew(access: ChannelAccess | undefined, keeps: boolean): void {
    // one that shares a path does not outlive it, and is of no use beside another one
    const stays = keeps && this.isOpen && access?.sharesPath === false && this.#access?.sharesPath === false
    if (!stays) {
      this.#doAll(this.#plan.renew(access?.sharesPath === true ? performance.now() + CHANNEL_SETTLE_MS : -Infinity))
    }
    this.#access = access
  }

  /** No more data is wanted. */
  stop(): void {
    this.#doAll(this.#plan.stop())
  }

  /** The session ended. */
  close(): void {
    this.#plan.stop()
    this.#attempt?.end(new DOMException('the session ended', 'AbortError'))
  }

  #doAll(effects: readonly InboundEffect[]): void {
    for (const effect of effects) {
      this.#do(effect)
    }
  }

  #do(effect: InboundEffect): void {
    const { id } = effect
    switch (effect.type) {
      case 'ask':
      case 'open':
        this.#init.send({ type: 'channel', step: effect.type, id })
        return
      case 'dial': {
        const access = this.#access
        if (access === undefined) {
          return // never: without access nothing is begun
        }
        const { attempt, lane } = this.#begin(id)
        attempt.dial(
          access,
          this.#init.peer,
          { ...effect, sink: lane },
          {
            opened: lane.opened,
            failed: () => {
              this.#doAll(this.#plan.dialFailed(id))
            }
          }
        )
        return
      }
      case 'invite':
        this.#invite(id)
        return
      case 'closed':
        this.#end(id, effect.lost)
    }
  }

  #invite(id: number): void {
    const { attempt, lane } = this.#begin(id)
    const failed = (): void => {
      this.#doAll(this.#plan.notCome(id, performance.now()))
    }
    const invitation =
      this.#access && attempt.invite(this.#access, this.#init.peer, lane, { opened: lane.opened, failed })
    if (invitation === undefined) {
      failed()
    } else {
      this.#init.send({ type: 'channel', step: 'invite', id, ...invitation })
    }
  }

  #begin(id: number): { attempt: ChannelAttempt; lane: ChannelLane } {
    this.#attempt?.end(new DOMException('another channel is opened', 'AbortError'))
    const attempt = new ChannelAttempt()
    this.#attempt = attempt
    const lane = new ChannelLane(this.#init, {
      opened: () => {
        this.#doAll(this.#plan.opened(id))
      },
      ended: (misbehaved) => {
        this.#doAll(this.#plan.lost(id, lane.bytes, misbehaved, performance.now()))
      }
    })
    return { attempt, lane }
  }

  /** The sender lost the channel; what is missing is known here when this end of it is closed too. */
  #onClosedThere(id: number): void {
    const channel = this.#plan.isOpen(id) ? this.#attempt?.channel : undefined
    if (channel === undefined) {
      this.#doAll(this.#plan.lost(id, 0, false, performance.now()))
    } else {
      channel.abort(new DOMException('the peer lost the channel', 'AbortError'))
    }
  }

  #end(id: number, lost: boolean): void {
    this.#attempt?.end(new DOMException('the channel is not used any more', 'AbortError'))
    this.#attempt = undefined
    const told = (): void => {
      this.#init.send({ type: 'channel', step: 'closed', id })
    }
    if (lost) {
      this.#init.lost(told)
    } else {
      told()
    }
  }
}

interface ChannelLaneEvents {
  opened(): void
  ended(misbehaved: boolean): void
}

/** The frames of one channel: data only, since what else is said must not be lost with it. */
class ChannelLane implements BulkSink {
  readonly #events: ChannelLaneEvents
  readonly #data: DataIn
  #channel: BulkChannel | undefined
  #bytes = 0
  #misbehaved = false

  constructor(init: InboundChannelInit, events: ChannelLaneEvents) {
    this.#events = events
    this.#data = new DataIn({
      sink: {
        open: (header, wake) => {
          if (header.kind !== 'data') {
            throw new InvalidMessageError(`a ${header.kind} frame on a bulk channel`)
          }
          return init.sink.open(header, wake)
        }
      },
      took: (bytes) => {
        this.#bytes += bytes
        return init.took(bytes)
      },
      resume: () => this.#channel?.resume(),
      failed: (error) => {
        this.#misbehaved = true
        this.#channel?.abort(error)
      }
    })
  }

  /** Bytes that came. */
  get bytes(): number {
    return this.#bytes
  }

  buffer(): Uint8Array {
    return this.#data.buffer()
  }

  filled(bytes: number): boolean {
    try {
      return this.#data.filled(bytes)
    } catch (error) {
      this.#misbehaved = true
      throw error
    }
  }

  readonly opened = (channel: BulkChannel): void => {
    this.#channel = channel
    void channel.closed.then(() => {
      // only now is it certain that nothing more is read into a buffer
      this.#data.end()
      this.#events.ended(this.#misbehaved)
    })
    this.#events.opened()
    channel.resume() // it may have been told to wait before anybody knew it
  }
}
