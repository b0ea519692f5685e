/**
 * @packageDocumentation
 *
 * TCP for js-libp2p nodes: `tcp()` is the transport, `tls()` the encryption that runs on its sockets. Both speak with every
 * libp2p node.
 *
 * @example
 *
 * ```ts
 * import { noise } from '@libp2p/noise'
 * import { yamux } from '@libp2p/yamux'
 * import { tcp, tls } from '@p2pshare/transport-tcp'
 * import { createLibp2p } from 'libp2p'
 *
 * const node = await createLibp2p({
 *   addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
 *   transports: [tcp()],
 *   connectionEncrypters: [tls(), noise()],
 *   streamMuxers: [yamux()]
 * })
 * console.log(node.getMultiaddrs().join(', '))
 * await node.stop()
 * ```
 */
import type {
  ComponentLogger,
  Connection,
  ConnectionGater,
  ConnectionProtector,
  DialTransportOptions,
  Metrics,
  PrivateKey,
  Transport,
  Upgrader
} from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type {
  BulkChannels,
  LocalPortDialer,
  ResolvedGate,
  bulkChannelsSymbol,
  localPortDialerSymbol
} from '@p2pshare/interface'
import { resolveTcpOptions } from './options.ts'
import type { TcpInit } from './options.ts'
import { TcpTransport } from './transport.ts'

/** What `tcp()` needs from the node that hosts it. */
export interface TcpComponents {
  privateKey: PrivateKey
  logger: ComponentLogger
  upgrader: Upgrader
  connectionGater?: Pick<ConnectionGater, 'denyDialMultiaddr'> & Partial<ResolvedGate>
  /** In a private network each connection starts with random bytes, so the first byte says nothing. */
  connectionProtector?: ConnectionProtector
  metrics?: Metrics
}

/** Options of one dial, beside those of every transport. */
export interface TcpDialOptions extends DialTransportOptions {
  /**
   * Port of this machine to dial from; only this one address is dialled then. The system chooses one when it is left out.
   * libp2p's own `node.dial()` does not hand it on: call the transport, or its `transportManager`.
   */
  localPort?: number

  /**
   * `false`: take the part of the one who was dialled in the handshake.
   *
   * @default true
   */
  initiator?: boolean
}

/** TCP as libp2p sees it, and as sibling services do that need more of it. */
export interface Tcp extends Transport {
  readonly [localPortDialerSymbol]: LocalPortDialer
  /** None in a private network: they would go round its protector. */
  readonly [bulkChannelsSymbol]: BulkChannels | undefined
  dial(address: Multiaddr, options: TcpDialOptions): Promise<Connection>
}

/** The transport factory: options are checked now, sockets are opened when libp2p asks for them. */
export function tcp(init: TcpInit = {}): (components: TcpComponents) => Tcp {
  const options = resolveTcpOptions(init)
  return (components) => new TcpTransport(components, options)
}

export { BulkChannelError, TooManyChannelsError } from './bulk/errors.ts'
export {
  AddressDeniedError,
  AlreadyListeningError,
  ConnectFailedError,
  ConnectionCutError,
  InvalidLocalPortError,
  ListenFailedError,
  LocalPortTakenError,
  NameNotFoundError,
  NotATcpAddressError,
  SocketUnavailableError
} from './errors.ts'
export { nativeSocketOf, nativeSocketSymbol } from './native-socket.ts'
export type { NativeSocket, SocketOwner } from './native-socket.ts'
export { TCP_DEFAULTS } from './options.ts'
export type { TcpInit } from './options.ts'
export { InvalidCertificateError, TlsHandshakeError, UnexpectedPeerError, tls } from './tls/index.ts'
export type { TlsComponents, TlsInit } from './tls/index.ts'
