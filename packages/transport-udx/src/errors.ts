import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { P2PShareError } from '@p2pshare/interface'

/** A multiaddr that this transport was given is not `/ip4|ip6/<address>/udp/<port>/utp`. */
export class NotAUdxAddressError extends P2PShareError {
  static override readonly name = 'NotAUdxAddressError'
  override readonly name = 'NotAUdxAddressError'
  readonly code = 'ERR_NOT_A_UDX_ADDRESS'
  readonly fault = 'user'
  readonly address: string

  constructor(address: Multiaddr | string) {
    super(`${address.toString()} is not an address of a UDX socket`)
    this.address = address.toString()
  }
}

/** Who was dialled says that it takes no more connections now. */
export class DialRejectedError extends P2PShareError {
  static override readonly name = 'DialRejectedError'
  override readonly name = 'DialRejectedError'
  readonly code = 'ERR_DIAL_REJECTED'
  readonly fault = 'remote'
  override readonly advice = 'try again later'
  readonly address: string

  constructor(address: string) {
    super(`${address} takes no more connections now`)
    this.address = address
  }
}

/** More dials wait for an answer than there may be. */
export class TooManyDialsError extends P2PShareError {
  static override readonly name = 'TooManyDialsError'
  override readonly name = 'TooManyDialsError'
  readonly code = 'ERR_TOO_MANY_DIALS'
  readonly fault = 'local'

  constructor(most: number) {
    super(`${most} dials wait for an answer already`)
  }
}

/** The other end stopped answering: the path is gone, or the peer. */
export class PathLostError extends P2PShareError {
  static override readonly name = 'PathLostError'
  override readonly name = 'PathLostError'
  readonly code = 'ERR_PATH_LOST'
  readonly fault = 'network'
}

/** The connection ended before everything that was sent was acknowledged. */
export class ConnectionCutError extends P2PShareError {
  static override readonly name = 'ConnectionCutError'
  override readonly name = 'ConnectionCutError'
  readonly code = 'ERR_CONNECTION_CUT'
  readonly fault = 'network'
}

/** An address cannot be listened on. `cause` is the system's error. */
export class ListenFailedError extends P2PShareError {
  static override readonly name = 'ListenFailedError'
  override readonly name = 'ListenFailedError'
  readonly code = 'ERR_LISTEN_FAILED'
  readonly fault = 'local'
  override readonly advice = 'choose another port, or 0 for any that is free'
  readonly address: string

  constructor(address: Multiaddr, options: ErrorOptions & { cause: unknown }) {
    const { cause } = options
    super(`cannot listen on ${address.toString()}: ${cause instanceof Error ? cause.message : String(cause)}`, options)
    this.address = address.toString()
  }
}

/** A listener was told to listen twice. */
export class AlreadyListeningError extends P2PShareError {
  static override readonly name = 'AlreadyListeningError'
  override readonly name = 'AlreadyListeningError'
  readonly code = 'ERR_ALREADY_LISTENING'
  readonly fault = 'local'
}

/** A socket that a connection was to use is closed, or no socket of this transport. */
export class SocketUnavailableError extends P2PShareError {
  static override readonly name = 'SocketUnavailableError'
  override readonly name = 'SocketUnavailableError'
  readonly code = 'ERR_SOCKET_UNAVAILABLE'
  readonly fault = 'local'
}

/** As many further sockets are open as there may be. */
export class TooManySocketsError extends P2PShareError {
  static override readonly name = 'TooManySocketsError'
  override readonly name = 'TooManySocketsError'
  readonly code = 'ERR_TOO_MANY_SOCKETS'
  readonly fault = 'local'
  override readonly advice = 'close sockets that are no longer needed'

  constructor(most: number) {
    super(`${most} further sockets are open already`)
  }
}

/** A stream id is out of range, not reserved, or in use; or too many are reserved. */
export class StreamIdError extends P2PShareError {
  static override readonly name = 'StreamIdError'
  override readonly name = 'StreamIdError'
  readonly code = 'ERR_STREAM_ID'
  readonly fault = 'local'
}

/** Who answers does not prove to be the peer that was expected. `cause` is what the encrypter said. */
export class UnexpectedPeerError extends P2PShareError {
  static override readonly name = 'UnexpectedPeerError'
  override readonly name = 'UnexpectedPeerError'
  readonly code = 'ERR_UNEXPECTED_PEER'
  readonly fault = 'remote'
  readonly peer: PeerId

  constructor(peer: PeerId, options?: ErrorOptions) {
    super(`who answers does not prove to be ${peer.toString()}`, options)
    this.peer = peer
  }
}

/** Why a bulk channel did not come about, or ended. */
export type UdxBulkFailure =
  /** There is no UDX connection with the peer, or nobody answered, or a stream broke. */
  | 'unreachable'
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
export class UdxBulkChannelError extends P2PShareError {
  static override readonly name = 'UdxBulkChannelError'
  override readonly name = 'UdxBulkChannelError'
  readonly code = 'ERR_UDX_BULK_CHANNEL'
  readonly fault = 'network'
  readonly reason: UdxBulkFailure

  constructor(reason: UdxBulkFailure, message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}

/** The bounds on bulk channels or invitations are reached: with one peer, or in all. */
export class TooManyUdxChannelsError extends P2PShareError {
  static override readonly name = 'TooManyUdxChannelsError'
  override readonly name = 'TooManyUdxChannelsError'
  readonly code = 'ERR_TOO_MANY_UDX_CHANNELS'
  readonly fault = 'local'
  readonly limit: number

  constructor(limit: number, options?: ErrorOptions) {
    super(`there are ${limit} bulk channels already, which is the bound`, options)
    this.limit = limit
  }
}
