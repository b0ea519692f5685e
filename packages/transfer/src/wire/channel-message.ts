import { BULK_TOKEN_BYTES, InvalidMessageError } from '@p2pshare/interface'
import * as wire from './messages.ts'

/**
 * What is said about bulk channels (SPEC.md#bulk-channels). CHANNEL comes from the side that the data goes to, and
 * counts the ids; CHANNEL_REPLY comes from the side that sends it.
 */
export type ChannelMessage = ChannelRequest | ChannelReply

export type ChannelRequest =
  | { readonly type: 'channel'; readonly step: 'ask' | 'open' | 'closed'; readonly id: number }
  | ({ readonly type: 'channel' } & Invitation)

export type ChannelReply =
  | { readonly type: 'channel-reply'; readonly step: 'refuse' | 'closed'; readonly id: number }
  | ({ readonly type: 'channel-reply' } & Invitation)

interface Invitation {
  readonly step: 'invite'
  readonly id: number
  readonly token: Uint8Array
  /** Where the inviter listens; its address is that of the connection. */
  readonly port: number
}

/** The highest TCP port there is (RFC 9293, 3.1). */
const MAX_PORT = 0xffff

const REQUEST_STEPS = new Map<wire.ChannelStep, 'ask' | 'open' | 'closed'>([
  [wire.ChannelStep.ASK, 'ask'],
  [wire.ChannelStep.OPEN, 'open'],
  [wire.ChannelStep.CLOSED, 'closed']
])

const REPLY_STEPS = new Map<wire.ChannelStep, 'refuse' | 'closed'>([
  [wire.ChannelStep.REFUSE, 'refuse'],
  [wire.ChannelStep.CLOSED, 'closed']
])

const STEPS: Readonly<Record<ChannelMessage['step'], wire.ChannelStep>> = {
  ask: wire.ChannelStep.ASK,
  invite: wire.ChannelStep.INVITE,
  open: wire.ChannelStep.OPEN,
  closed: wire.ChannelStep.CLOSED,
  refuse: wire.ChannelStep.REFUSE
}

/** As it is on the wire. */
export function channelToWire(message: ChannelMessage): wire.Channel {
  const invitation = message.step === 'invite' ? message : { token: new Uint8Array(), port: 0 }
  return {
    step: STEPS[message.step],
    id: message.id,
    token: new Uint8Array(invitation.token),
    port: invitation.port
  }
}

/** Throws `InvalidMessageError` for a step that this side does not take, and for an invitation that nobody could use. */
export function channelFromWire(type: ChannelMessage['type'], channel: wire.Channel): ChannelMessage {
  const { step, id, token, port } = channel
  if (id === 0) {
    throw new InvalidMessageError('a channel without an id')
  }
  if (step === wire.ChannelStep.INVITE) {
    if (token.byteLength !== BULK_TOKEN_BYTES || port === 0 || port > MAX_PORT) {
      throw new InvalidMessageError(`invitation with a token of ${token.byteLength} bytes to port ${port}`)
    }
    return { type, step: 'invite', id, token, port }
  }
  const request = REQUEST_STEPS.get(step)
  const reply = REPLY_STEPS.get(step)
  if (type === 'channel' && request !== undefined) {
    return { type, step: request, id }
  }
  if (type === 'channel-reply' && reply !== undefined) {
    return { type, step: reply, id }
  }
  throw new InvalidMessageError(`${type} with step ${step}`)
}
