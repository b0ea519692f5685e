import { P2PShareError } from '@p2pshare/interface'

/** Why a bulk channel did not come about, or ended. */
export type BulkFailure =
  /** Nobody answers at the address, or not in time, or the connection broke. */
  | 'unreachable'
  /** Somebody else answers, or nobody that speaks the protocol. */
  | 'wrong-peer'
  /** The other side did not take the token. */
  | 'refused'
  /** The invitation ran out, or was cancelled. */
  | 'not-taken'
  /** Nothing went over the channel for too long. */
  | 'idle'
  /** The node stopped. */
  | 'stopped'
  /** The one who reads asked for what cannot be. */
  | 'sink'
  /** The other side broke the protocol. */
  | 'protocol'

/** A bulk channel did not come about, or was ended by us. Everything goes over libp2p streams without it. */
export class BulkChannelError extends P2PShareError {
  static override readonly name = 'BulkChannelError'
  override readonly name = 'BulkChannelError'
  readonly code = 'ERR_BULK_CHANNEL'
  readonly fault = 'network'
  readonly reason: BulkFailure

  constructor(reason: BulkFailure, message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}

/** The bounds on bulk channels or invitations are reached: with one peer, or in all. */
export class TooManyChannelsError extends P2PShareError {
  static override readonly name = 'TooManyChannelsError'
  override readonly name = 'TooManyChannelsError'
  readonly code = 'ERR_TOO_MANY_CHANNELS'
  readonly fault = 'local'
  readonly limit: number

  constructor(limit: number, options?: ErrorOptions) {
    super(`there are ${limit} bulk channels already, which is the bound`, options)
    this.limit = limit
  }
}
