import type { PeerId } from '@libp2p/interface'
import { InvalidMessageError } from '@p2pshare/interface'
import type { BulkSink } from '@p2pshare/interface'
import type { ChannelReply, ChannelRequest } from '../wire/channel-message.ts'
import { ChannelAttempt } from './channel-attempt.ts'
import type { AttemptEvents } from './channel-attempt.ts'
import { OutboundPlan } from './channel-plan.ts'
import type { OutboundEffect } from './channel-plan.ts'
import type { ChannelAccess } from './channel-target.ts'
import type { DataOut } from './data-out.ts'

export interface OutboundChannelInit {
  readonly peer: PeerId
  /** Absent: there are no bulk channels to this peer, and it is told so. */
  readonly access: ChannelAccess | undefined
  readonly out: Pick<DataOut, 'use' | 'halt' | 'go'>
  send(message: ChannelReply): void
}

/** Opens bulk channels for the data that goes to one peer, when that asks for it: `OutboundPlan` with the world around it. */
export class OutboundChannel {
  readonly #init: OutboundChannelInit
  readonly #plan = new OutboundPlan()
  #access: ChannelAccess | undefined
  #attempt: ChannelAttempt | undefined

  constructor(init: OutboundChannelInit) {
    this.#init = init
    this.#access = init.access
  }

  /** The session has moved. A channel that is there is the receiver's to end. */
  renew(access: ChannelAccess | undefined): void {
    this.#access = access
  }

  hear(request: ChannelRequest): void {
    const { id } = request
    switch (request.step) {
      case 'ask':
        this.#doAll(this.#plan.onAsk(id))
        return
      case 'invite':
        this.#doAll(this.#plan.onInvite(id, request.token, request.port))
        return
      case 'open':
        this.#doAll(this.#plan.onOpen(id))
        return
      case 'closed':
        this.#doAll(this.#plan.onClosed(id))
    }
  }

  /** The session ended. */
  close(): void {
    this.#attempt?.end(new DOMException('the session ended', 'AbortError'))
    this.#attempt = undefined
  }

  #doAll(effects: readonly OutboundEffect[]): void {
    for (const effect of effects) {
      this.#do(effect)
    }
  }

  #do(effect: OutboundEffect): void {
    const { out } = this.#init
    switch (effect.type) {
      case 'invite':
        this.#invite(effect.id)
        return
      case 'dial':
        this.#dial(effect)
        return
      case 'refuse':
        this.#init.send({ type: 'channel-reply', step: 'refuse', id: effect.id })
        return
      case 'use':
        if (this.#attempt?.channel !== undefined) {
          out.use(this.#attempt.channel)
        }
        return
      case 'halt':
        out.halt()
        this.#init.send({ type: 'channel-reply', step: 'closed', id: effect.id })
        return
      case 'drop':
        this.close()
        out.go()
    }
  }

  #invite(id: number): void {
    const access = this.#access
    const { peer } = this.#init
    const attempt = this.#begin()
    const invitation =
      access === undefined ? undefined : attempt.invite(access, peer, NOTHING_COMES, this.#eventsOf(id, attempt))
    if (invitation === undefined) {
      this.#doAll(this.#plan.failed(id))
    } else {
      this.#init.send({ type: 'channel-reply', step: 'invite', id, ...invitation })
    }
  }

  #dial({ id, token, port }: OutboundEffect & { type: 'dial' }): void {
    const access = this.#access
    const { peer } = this.#init
    const attempt = this.#begin()
    if (access === undefined) {
      this.#doAll(this.#plan.failed(id))
    } else {
      attempt.dial(access, peer, { token, port, sink: NOTHING_COMES }, this.#eventsOf(id, attempt))
    }
  }

  #begin(): ChannelAttempt {
    this.close()
    this.#attempt = new ChannelAttempt()
    return this.#attempt
  }

  #eventsOf(id: number, attempt: ChannelAttempt): AttemptEvents {
    return {
      opened: (channel) => {
        void channel.closed.then(() => {
          if (this.#attempt === attempt) {
            this.#doAll(this.#plan.lost(id))
          }
        })
        this.#doAll(this.#plan.opened(id))
      },
      failed: () => {
        this.#doAll(this.#plan.failed(id))
      }
    }
  }
}

/** Each channel carries data one way. */
const NOTHING_COMES: BulkSink = {
  buffer: () => new Uint8Array(1),
  filled: () => {
    throw new InvalidMessageError('data on a channel that takes data the other way')
  }
}
