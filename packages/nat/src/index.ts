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
import type { AddressManager, ConnectionManager } from '@libp2p/interface-internal'
import type { PathView } from '@p2pshare/interface'
import type { OwnAddress } from './reachability.ts'

/** Paths to others, and what is known about this node's own addresses. */
export interface Nat extends PathView {
  /**
   * Every address this node has, also those it does not announce, and what is known about each. It is what libp2p knows
   * now: an address is `verified` only after another node dialled it (AutoNAT v2), and there is no verdict "nobody can
   * reach me".
   *
   * @example
   *
   * ```ts
   * const isPublic = node.services.nat.reachability().some((own) => own.reachability === 'verified')
   * ```
   */
  reachability(): readonly OwnAddress[]
}

/** What `nat()` needs from the node that hosts it. */
export interface NatComponents {
  connectionManager: Pick<ConnectionManager, 'getConnections'>
  addressManager: Pick<AddressManager, 'getAddressesWithMetadata'>
}

export { NAT_DEFAULTS } from './options.ts'
export type { NatInit } from './options.ts'
export type { AddressReachability, OwnAddress } from './reachability.ts'
export { nat, natServices, natTransports } from './services.ts'
export type { NatServices } from './services.ts'
