/**
 * @packageDocumentation
 *
 * How a js-libp2p node reaches others and is reached: which path its bytes take, what is known about its addresses, and
 * the services and transports for it.
 *
 * @example
 *
 * ```ts
 * import { noise } from '@libp2p/noise'
 * import { tcp } from '@libp2p/tcp'
 * import { yamux } from '@libp2p/yamux'
 * import { natServices, natTransports } from '@p2pshare/nat'
 * import { createLibp2p } from 'libp2p'
 *
 * const node = await createLibp2p({
 *   addresses: { listen: ['/ip4/127.0.0.1/tcp/0', '/p2p-circuit'] },
 *   transports: [tcp(), ...natTransports()],
 *   connectionEncrypters: [noise()],
 *   streamMuxers: [yamux()],
 *   services: natServices()
 * })
 *
 * for (const { address, reachability } of node.services.nat.reachability()) {
 *   console.log(reachability, address.toString())
 * }
 * await node.stop()
 * ```
 */
import type { PathView } from '@p2pshare/interface'
import type { TypedEventTarget } from 'main-event'
import type { Explanation } from './paths/index.ts'
import type { NatReporter } from './prober/index.ts'
import type { PunchEvents } from './punch/index.ts'
import type { OwnAddress } from './reachability/index.ts'
import type { RelayView } from './relay/index.ts'
import type { NatClass } from './types.ts'
import type { AbortOptions, Connection, PeerId } from '@libp2p/interface'

/** What `Nat` tells as it happens. */
export interface NatEvents extends PunchEvents {
  /** Something was found out about the NAT of one address family. */
  'nat:class': CustomEvent<NatClass>
}

/** Paths to others, and what is known about this node's own network and addresses. */
export interface Nat extends PathView, NatReporter, TypedEventTarget<NatEvents> {
  /**
   * Every address this node has, also those it does not announce, and what is known about each. An address is `verified`
   * only after another node dialled it.
   *
   * @example
   *
   * ```ts
   * const isPublic = node.services.nat.reachability().some((own) => own.reachability === 'verified')
   * ```
   */
  reachability(): readonly OwnAddress[]

  /** Why the path to a peer is what it is: its connections, what was tried, what was dialled. */
  explain(peer: PeerId): Explanation

  /** Ask for the round trip of the path to a peer; `path` and `explain` have it after that. Rejects when no answer came. */
  measure(peer: PeerId, options: Required<AbortOptions>): Promise<void>

  /** The connection that new bytes to the peer should take. */
  best(peer: PeerId): Connection | undefined

  /** Hear of every peer whose best connection changed. Returns the function that ends it. */
  onChange(listener: (peer: PeerId) => void): () => void

  /** The relays this node knows, and its places there. */
  relays(): readonly RelayView[]
}

export type { NatComponents } from './components.ts'
export type * from './dial/index.ts'
export type * from './ice/index.ts'
export type * from './paths/index.ts'
export type * from './port-map/index.ts'
export type * from './prober/index.ts'
export type * from './punch/index.ts'
export type * from './reachability/index.ts'
export type * from './relay/index.ts'
export type * from './standard/index.ts'
export type {
  Finding,
  FindingLevel,
  NatReport,
  NatReporter,
  NatReportOptions,
  StunServiceInit
} from './prober/index.ts'
export { ahead } from './ahead/index.ts'
export { rtcConfiguration, withIce } from './ice/index.ts'
export { Prober, StunService } from './prober/index.ts'
export { PortMapper } from './port-map/index.ts'
export { PUNCH_PROTOCOL, PunchCoordinator } from './punch/index.ts'
export { RelayClient, limitedRelayServer, meteredCircuits } from './relay/index.ts'
export { sortAddresses } from './dial/index.ts'
export { standardAutoNAT, standardAutoNATv2, standardDCUtR } from './standard/index.ts'
export { NAT_DEFAULTS } from './options.ts'
export type { NatInit } from './options.ts'
export { nat, natServices, natTransports } from './services.ts'
export type { NatServices } from './services.ts'
export type * from './types.ts'
