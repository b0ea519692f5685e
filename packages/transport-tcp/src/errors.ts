import type { Multiaddr } from '@multiformats/multiaddr'
import { P2PShareError } from '@p2pshare/interface'

/** Nothing could be connected to at an address, or at any of those that were tried with it. */
export class ConnectFailedError extends P2PShareError {
  static override readonly name = 'ConnectFailedError'
  override readonly name = 'ConnectFailedError'
  readonly code = 'ERR_CONNECT_FAILED'
  readonly fault = 'network'
  readonly address: string
  /** Why each attempt came to nothing, in the order in which they did; `cause` is the first. */
  readonly failures: readonly unknown[]

  constructor(address: Multiaddr | string, failures: readonly unknown[]) {
    super(`could not connect to ${address.toString()}: ${failures.map(reason).join('; ')}`, { cause: failures[0] })
    this.address = address.toString()
    this.failures = failures
  }
}

/** The node's connection gater does not want an address to be dialled. */
export class AddressDeniedError extends P2PShareError {
  static override readonly name = 'AddressDeniedError'
  override readonly name = 'AddressDeniedError'
  readonly code = 'ERR_ADDRESS_DENIED'
  readonly fault = 'local'
  readonly address: string

  constructor(address: Multiaddr) {
    super(`the connection gater denies ${address.toString()}`)
    this.address = address.toString()
  }
}

/** A name stands for no address of the family that was asked for. */
export class NameNotFoundError extends P2PShareError {
  static override readonly name = 'NameNotFoundError'
  override readonly name = 'NameNotFoundError'
  readonly code = 'ERR_NAME_NOT_FOUND'
  readonly fault = 'network'

  constructor(host: string) {
    super(`${host} has no address`)
  }
}

/** A local port that is no port. */
export class InvalidLocalPortError extends P2PShareError {
  static override readonly name = 'InvalidLocalPortError'
  override readonly name = 'InvalidLocalPortError'
  readonly code = 'ERR_INVALID_LOCAL_PORT'
  readonly fault = 'user'

  constructor(localPort: number) {
    super(`${localPort} is not a port number from 1 to 65535`)
  }
}

/** The local port that a dial was to use is taken, or not ours to use. */
export class LocalPortTakenError extends P2PShareError {
  static override readonly name = 'LocalPortTakenError'
  override readonly name = 'LocalPortTakenError'
  readonly code = 'ERR_LOCAL_PORT_TAKEN'
  readonly fault = 'local'
  override readonly advice = 'dial without a local port, or from another one'
  readonly localPort: number

  constructor(localPort: number, options: ErrorOptions & { cause: unknown }) {
    super(`cannot dial from local port ${localPort}: ${reason(options.cause)}`, options)
    this.localPort = localPort
  }
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
    super(`cannot listen on ${address.toString()}: ${reason(options.cause)}`, options)
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

/** A multiaddr that this transport was given has no TCP or Unix socket address in it. */
export class NotATcpAddressError extends P2PShareError {
  static override readonly name = 'NotATcpAddressError'
  override readonly name = 'NotATcpAddressError'
  readonly code = 'ERR_NOT_A_TCP_ADDRESS'
  readonly fault = 'user'
  readonly address: string

  constructor(address: Multiaddr) {
    super(`${address.toString()} is not an address of a TCP or Unix socket`)
    this.address = address.toString()
  }
}

/** The socket ended before everything that was sent had gone to the system. */
export class ConnectionCutError extends P2PShareError {
  static override readonly name = 'ConnectionCutError'
  override readonly name = 'ConnectionCutError'
  readonly code = 'ERR_CONNECTION_CUT'
  readonly fault = 'network'
}

/** The socket of a connection cannot be used: the connection has ended, or somebody else took the socket over. */
export class SocketUnavailableError extends P2PShareError {
  static override readonly name = 'SocketUnavailableError'
  override readonly name = 'SocketUnavailableError'
  readonly code = 'ERR_SOCKET_UNAVAILABLE'
  readonly fault = 'local'
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
