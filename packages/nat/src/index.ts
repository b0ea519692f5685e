/**
 * @packageDocumentation
 *
 * Reachability for libp2p nodes: identify, relays and AutoNAT v2, and a view of how each peer is reached.
 *
 * @example
 *
 * ```ts
 * import { tcp } from '@libp2p/tcp'
 * import { createLibp2p } from 'libp2p'
 * import { natServices, natTransports } from '@p2pshare/nat'
 *
 * const node = await createLibp2p({ transports: [tcp(), ...natTransports()], services: natServices() })
 * console.log(node.services.nat.reachability())
 * ```
 */
export type { Nat, NatComponents, OwnAddress } from './nat.ts'
export { NAT_DEFAULTS } from './options.ts'
export type { NatInit } from './options.ts'
export { nat, natServices, natTransports } from './services.ts'
export type { NatServices } from './services.ts'
