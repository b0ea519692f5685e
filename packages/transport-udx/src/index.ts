/**
 * @packageDocumentation
 *
 * UDX for js-libp2p nodes: connections over one UDP socket, which also listens, dials, and carries the datagrams of other
 * services (STUN, hole punching).
 *
 * @example
 *
 * ```ts
 * import { noise } from '@libp2p/noise'
 * import { yamux } from '@libp2p/yamux'
 * import { udx } from '@p2pshare/transport-udx'
 * import { createLibp2p } from 'libp2p'
 *
 * const node = await createLibp2p({
 *   addresses: { listen: ['/ip4/127.0.0.1/udp/0/utp'] },
 *   transports: [udx()],
 *   connectionEncrypters: [noise()],
 *   streamMuxers: [yamux()]
 * })
 * console.log(node.getMultiaddrs().join(', '))
 * await node.stop()
 * ```
 */
import type { ComponentLogger, ConnectionProtector, Metrics, Transport, Upgrader } from '@libp2p/interface'
import type { Registrar } from '@libp2p/interface-internal'
import type { BulkChannels, DatagramEndpoint, bulkChannelsSymbol, datagramEndpointSymbol } from '@p2pshare/interface'
import { resolveUdxOptions } from './options.ts'
import type { UdxInit } from './options.ts'
import { UdxTransport } from './transport.ts'

/** What `udx()` needs from the node that hosts it. */
export interface UdxComponents {
  logger: ComponentLogger
  registrar: Registrar
  upgrader: Upgrader
  metrics?: Metrics
  /** A private network has no bulk channels. */
  connectionProtector?: ConnectionProtector
}

/** UDX as libp2p sees it, and as sibling services do that open paths for it. */
export interface Udx extends Transport {
  readonly [datagramEndpointSymbol]: DatagramEndpoint
  /** Absent in a private network. */
  readonly [bulkChannelsSymbol]: BulkChannels | undefined
}

/** The transport factory: options are checked now, sockets are opened when libp2p asks for them. */
export function udx(init: UdxInit = {}): (components: UdxComponents) => Udx {
  const options = resolveUdxOptions(init)
  return (components) => new UdxTransport(components, options)
}

export {
  AlreadyListeningError,
  ConnectionCutError,
  DialRejectedError,
  ListenFailedError,
  NotAUdxAddressError,
  PathLostError,
  SocketUnavailableError,
  StreamIdError,
  TooManyDialsError,
  TooManySocketsError,
  TooManyUdxChannelsError,
  UdxBulkChannelError,
  UnexpectedPeerError
} from './errors.ts'
export type { UdxBulkFailure } from './errors.ts'
export { UDX } from './multiaddr.ts'
export { UDX_DEFAULTS } from './options.ts'
export type { UdxInit } from './options.ts'
