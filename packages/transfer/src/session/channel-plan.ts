/**
 * Data worth a channel of its own: opening one costs both ends a TLS handshake, a few milliseconds of work. Less than
 * this many missing bytes are over before it pays.
 */
export const CHANNEL_WORTH_BYTES = 4 * 1024 * 1024

/**
 * So is a peer that sends this much within `CHANNEL_RATE_MS`: at 4 MiB/s a byte costs less by a channel too (docs/adr/0013).
 * Slower ones have none: a swarm of many would have a channel, and its handshake, for each pair.
 */
export const CHANNEL_RATE_BYTES = 2 * 1024 * 1024
export const CHANNEL_RATE_MS = 1000

/** Not at once after a move to such a path: each channel that a session moves away from sends again what was on its way. */
export const CHANNEL_SETTLE_MS = 2000

/** A peer that says nothing to an ASK for this long is taken to have refused. */
export const CHANNEL_ANSWER_MS = 10_000

/** The wait after the first failure; four times as long after each further one. */
export const CHANNEL_RETRY_MS = 1000

/** Failures after which a session stays on its stream lane. */
export const MAX_CHANNEL_FAILURES = 4

/** A channel that carried this much before it was lost was worth it: it is not counted as a failure. */
export const CHANNEL_PROVEN_BYTES = 64 * 1024 * 1024

/** Channels that a peer may ask for, or invite to, in one session. */
export const MAX_CHANNEL_REQUESTS = 16

/** What the side that wants the data does about a channel for it. */
export type InboundEffect =
  | { readonly type: 'ask'; readonly id: number }
  | { readonly type: 'dial'; readonly id: number; readonly token: Uint8Array; readonly port: number }
  | { readonly type: 'invite'; readonly id: number }
  /** Tell the peer that data may come by the channel. */
  | { readonly type: 'open'; readonly id: number }
  /** End whatever was begun under this id, and tell the peer; what was asked for may have been `lost`. */
  | { readonly type: 'closed'; readonly id: number; readonly lost: boolean }

type InboundState =
  | { readonly name: 'idle'; readonly notBefore: number }
  | { readonly name: 'asked'; readonly id: number; readonly at: number }
  | { readonly name: 'dialing' | 'invited' | 'open'; readonly id: number }
  | { readonly name: 'off' }

/**
 * How the receiver of data comes by a bulk channel (SPEC.md#bulk-channels): it asks for an invitation and dials; if
 * that does not work it invites, and the sender dials. Pure.
 */
export class InboundPlan {
  #state: InboundState = { name: 'idle', notBefore: -Infinity }
  #id = 0
  #failures = 0
  /** Never again in this session. */
  #isOver = false
  #windowStart = -Infinity
  #windowBytes = 0

  get state(): InboundState['name'] {
    return this.#state.name
  }

  isOpen(id: number): boolean {
    return this.#is('open', id)
  }

  /**
   * Data was asked for, and so many bytes are missing, where a channel goes over the path of the connection. One costs next to
   * nothing there, so nothing is waited for: what comes by the stream lane first speeds up a lane that is left then.
   */
  onRequest(missingBytes: number, now: number): InboundEffect[] {
    return this.#consider(missingBytes, now)
  }

  /** Bytes came by the stream lane, and so many are still missing. */
  onBytes(bytes: number, missingBytes: number, now: number): InboundEffect[] {
    if (now - this.#windowStart > CHANNEL_RATE_MS) {
      this.#windowStart = now
      this.#windowBytes = 0
    }
    this.#windowBytes += bytes
    return this.#consider(this.#windowBytes >= CHANNEL_RATE_BYTES ? missingBytes : 0, now)
  }

  #consider(worthBytes: number, now: number): InboundEffect[] {
    if (this.#state.name === 'asked' && now - this.#state.at >= CHANNEL_ANSWER_MS) {
      return this.#fail(now)
    }
    if (this.#state.name !== 'idle' || now < this.#state.notBefore || worthBytes < CHANNEL_WORTH_BYTES) {
      return []
    }
    this.#id++
    this.#state = { name: 'asked', id: this.#id, at: now }
    return [{ type: 'ask', id: this.#id }]
  }

  /** The peer may be dialled. */
  onInvite(id: number, token: Uint8Array, port: number): InboundEffect[] {
    if (!this.#is('asked', id)) {
      return []
    }
    this.#state = { name: 'dialing', id }
    return [{ type: 'dial', id, token, port }]
  }

  /** The peer cannot be dialled, or could not dial. */
  onRefuse(id: number, now: number): InboundEffect[] {
    if (this.#is('asked', id)) {
      return this.#invite(id)
    }
    return this.#is('invited', id) ? this.#fail(now) : []
  }

  /** Dialling did not work: perhaps the other way round. */
  dialFailed(id: number): InboundEffect[] {
    return this.#is('dialing', id) ? this.#invite(id) : []
  }

  /** Nobody came, or nobody could be invited. */
  notCome(id: number, now: number): InboundEffect[] {
    return this.#is('invited', id) ? this.#fail(now) : []
  }

  opened(id: number): InboundEffect[] {
    if (!this.#is('dialing', id) && !this.#is('invited', id)) {
      return [{ type: 'closed', id, lost: false }]
    }
    this.#state = { name: 'open', id }
    return [{ type: 'open', id }]
  }

  /**
   * The channel ended after `carriedBytes`, or the peer said so. One on which the peer broke the rules is the last one
   * of its session.
   */
  lost(id: number, carriedBytes: number, misbehaved: boolean, now: number): InboundEffect[] {
    if (!('id' in this.#state) || this.#state.id !== id) {
      return []
    }
    if (carriedBytes >= CHANNEL_PROVEN_BYTES) {
      this.#failures = 0
    }
    const effects = this.#fail(now)
    if (misbehaved) {
      this.#isOver = true
      this.#state = { name: 'off' }
    }
    return effects
  }

  /** The session is on another connection: what was begun is over, and what failed may work now, or then. */
  renew(notBefore = -Infinity): InboundEffect[] {
    this.#failures = 0
    return this.#end(this.#isOver ? { name: 'off' } : { name: 'idle', notBefore })
  }

  /** No more data is wanted. */
  stop(): InboundEffect[] {
    this.#isOver = true
    return this.#end({ name: 'off' })
  }

  #end(next: InboundState): InboundEffect[] {
    const state = this.#state
    this.#state = next
    return 'id' in state ? [{ type: 'closed', id: state.id, lost: state.name === 'open' }] : []
  }

  #invite(id: number): InboundEffect[] {
    this.#state = { name: 'invited', id }
    return [{ type: 'invite', id }]
  }

  #fail(now: number): InboundEffect[] {
    const state = this.#state
    const notBefore = now + CHANNEL_RETRY_MS * 4 ** this.#failures
    this.#failures++
    this.#state = this.#failures >= MAX_CHANNEL_FAILURES ? { name: 'off' } : { name: 'idle', notBefore }
    return 'id' in state ? [{ type: 'closed', id: state.id, lost: state.name === 'open' }] : []
  }

  #is(name: InboundState['name'], id: number): boolean {
    return this.#state.name === name && 'id' in this.#state && this.#state.id === id
  }
}

/** What the side that has the data does when the other one wants a channel. */
export type OutboundEffect =
  | { readonly type: 'invite'; readonly id: number }
  | { readonly type: 'dial'; readonly id: number; readonly token: Uint8Array; readonly port: number }
  | { readonly type: 'refuse'; readonly id: number }
  /** Send data over the channel. */
  | { readonly type: 'use' }
  /** Tell the peer that the channel ended; send no data until it said what is missing. */
  | { readonly type: 'halt'; readonly id: number }
  /** End whatever was begun; send data over the stream lane. */
  | { readonly type: 'drop' }

interface OutboundState {
  readonly id: number
  readonly name: 'pending' | 'used' | 'lost'
  /** This end has the channel. */
  readonly here: boolean
  /** The receiver said that it has it. */
  readonly there: boolean
}

/** The other side of `InboundPlan`: it does as it is asked, within bounds. Pure. */
export class OutboundPlan {
  #state: OutboundState | undefined
  #requests = 0

  /** The receiver wants to dial. */
  onAsk(id: number): OutboundEffect[] {
    return this.#begin(id, { type: 'invite', id })
  }

  /** The receiver wants to be dialled. */
  onInvite(id: number, token: Uint8Array, port: number): OutboundEffect[] {
    return this.#begin(id, { type: 'dial', id, token, port })
  }

  /** The receiver has the channel: what is sent by it from now on arrives, or is missed and asked for. */
  onOpen(id: number): OutboundEffect[] {
    return this.#mark(id, { there: true })
  }

  /** This end has the channel. */
  opened(id: number): OutboundEffect[] {
    return this.#mark(id, { here: true })
  }

  /** The receiver gave the channel up, and has taken back what it still waited for. */
  onClosed(id: number): OutboundEffect[] {
    if (this.#state?.id !== id) {
      return []
    }
    this.#state = undefined
    return [{ type: 'drop' }]
  }

  /** It could not be dialled, or nobody could be invited, or nobody came. */
  failed(id: number): OutboundEffect[] {
    return this.#state?.id === id && this.#state.name === 'pending' ? [{ type: 'refuse', id }] : []
  }

  /** This end lost the channel. */
  lost(id: number): OutboundEffect[] {
    if (this.#state?.id !== id || this.#state.name === 'lost') {
      return []
    }
    const effect: OutboundEffect = this.#state.name === 'used' ? { type: 'halt', id } : { type: 'refuse', id }
    this.#state = { ...this.#state, name: 'lost' }
    return [effect]
  }

  #begin(id: number, effect: OutboundEffect): OutboundEffect[] {
    this.#requests++
    if (this.#requests > MAX_CHANNEL_REQUESTS) {
      return [{ type: 'refuse', id }]
    }
    const former = this.#state
    this.#state = { id, name: 'pending', here: false, there: false }
    return former === undefined ? [effect] : [{ type: 'drop' }, effect]
  }

  #mark(id: number, change: { readonly here: true } | { readonly there: true }): OutboundEffect[] {
    if (this.#state?.id !== id || this.#state.name !== 'pending') {
      return []
    }
    this.#state = { ...this.#state, ...change }
    if (!this.#state.here || !this.#state.there) {
      return []
    }
    this.#state = { ...this.#state, name: 'used' }
    return [{ type: 'use' }]
  }
}
