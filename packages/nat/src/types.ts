import type { PeerId } from '@libp2p/interface'
import type { DatagramAddress } from '@p2pshare/interface'

/**
 * How a NAT chooses the outside port (RFC 4787 section 4.1): the same for every destination (`endpoint-independent`), one
 * for each destination address, or one for each destination address and port. `none`: there is no NAT.
 */
export type MappingBehaviour = 'none' | 'endpoint-independent' | 'address-dependent' | 'address-and-port-dependent'

/** Whose datagrams a NAT lets in (RFC 4787 section 5). */
export type FilteringBehaviour = 'endpoint-independent' | 'address-dependent' | 'address-and-port-dependent'

/** The ports a NAT was seen to give out. Both ends inclusive. */
export interface PortPool {
  readonly low: number
  readonly high: number
}

/** The outside address of a TCP port this node can dial from, and that local port. */
export interface TcpOutside extends DatagramAddress {
  readonly localPort: number
  /** Two servers saw the same: the NAT keeps it for all. One alone cannot tell; it is tried all the same. */
  readonly agreed?: boolean
}

/** What was found out about the NAT in front of this node, for one address family. */
export interface NatClass {
  readonly family: 4 | 6
  /** `false`: no UDP answer came at all. */
  readonly udp: boolean
  readonly mapping?: MappingBehaviour
  readonly filtering?: FilteringBehaviour
  /** Whether the outside port was the local one. */
  readonly preservesPorts?: boolean
  /** Known only when the mapping is not endpoint-independent and the ports seen lie close together. */
  readonly pool?: PortPool
  /** The outside address of the listening socket, as servers saw it. */
  readonly outside?: DatagramAddress
  readonly tcpOutside?: TcpOutside
  /** Two nodes behind this NAT reach each other at the outside address. */
  readonly hairpin?: boolean
  /** There is a second NAT in front of the first (a mapped address that is not the outside one, or 100.64/10). */
  readonly doubleNat?: boolean
}

/** What the coordinator asks of the prober. */
export interface NatKnowledge {
  /** The latest finding, if there is one. */
  current(family: 4 | 6): NatClass | undefined
  /** The outside TCP port of this node is being asked for, and none is known. */
  readonly awaitsTcp: boolean
  /** Ask anew for the outside addresses of `sockets` (a symmetric NAT gives each its own); in their order. */
  learnOutside(signal: AbortSignal): Promise<readonly NatClass[]>
}

/** Ways to a direct connection, best first when several come up. */
export type Strategy =
  | 'lan'
  | 'ipv6'
  | 'public'
  | 'mapped'
  | 'reversal'
  | 'udp-punch'
  | 'birthday'
  | 'port-pool'
  | 'tcp-simultaneous-open'
  | 'webrtc'

/** One try of one strategy, for `peers why`. */
export interface PunchAttempt {
  readonly peer: PeerId
  readonly strategy: Strategy
  readonly startedAt: number
  readonly tookMs: number
  readonly outcome: 'connected' | 'failed' | 'cancelled' | 'not-applicable'
  /** Why, in words a person reads. */
  readonly reason?: string
}
