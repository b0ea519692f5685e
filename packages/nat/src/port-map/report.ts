import type { Multiaddr } from '@multiformats/multiaddr'
import type { DoubleNat } from './double-nat.ts'
import type { MapMethod, MapTarget } from './types.ts'

/** A port that a gateway forwards to this node. */
export interface PortMapping extends MapTarget {
  readonly method: MapMethod
  readonly externalIp: string
  readonly externalPort: number
  readonly expiresAt: number
  /** There is a second NAT: the outside address is of no use to others unless a dial-back proved it. */
  readonly doubleNat?: DoubleNat
  /** The addresses that lead to it. */
  readonly addresses: readonly Multiaddr[]
  /** Whether it was announced on the gateway's word. */
  readonly isAnnounced: boolean
}

/** A port that nobody forwards, and why. */
export interface UnmappedPort extends MapTarget {
  readonly reason: string
}

/** What came of port mapping. */
export interface PortMapReport {
  readonly gateways: readonly string[]
  readonly mappings: readonly PortMapping[]
  readonly unmapped: readonly UnmappedPort[]
}
