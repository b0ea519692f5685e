import type { Multiaddr } from '@multiformats/multiaddr'
import type { PortMapping } from '../port-map/report.ts'
import type { AddressReachability } from '../reachability/index.ts'
import type { NatClass } from '../types.ts'
import type { ClockOffset } from './clock.ts'
import { findings } from './findings.ts'

/** `problem`: something does not work; `warn`: it works worse than it could; `info`: good to know. */
export type FindingLevel = 'ok' | 'info' | 'warn' | 'problem'

/** One thing that was found out, in words a person reads. */
export interface Finding {
  /** Stays the same between versions: `nat.ip4`, `clock`. */
  readonly id: string
  readonly level: FindingLevel
  readonly text: string
  /** What the person can do, where something is not as it could be. */
  readonly fix?: string
}

/** An address of this node. */
export interface ReportedAddress {
  /** A multiaddr. */
  readonly address: string
  readonly reachability: AddressReachability
}

/** A port that a router was asked to let in. */
export interface ReportedMapping {
  readonly protocol: 'tcp' | 'udp'
  readonly internalPort: number
  readonly method: 'pcp' | 'nat-pmp' | 'upnp'
  readonly externalHost: string
  readonly externalPort: number
  /** A node outside dialled it. */
  readonly confirmed: boolean
}

/** A mapping as the port mapper has it, for a report. `isVerified`: another node dialled that address. Pure. */
export function toReportedMapping(mapping: PortMapping, isVerified: (address: Multiaddr) => boolean): ReportedMapping {
  const { protocol, internalPort, method, externalIp, externalPort, addresses } = mapping
  const confirmed = addresses.some(isVerified)
  return { protocol, internalPort, method, externalHost: externalIp, externalPort, confirmed }
}

/** A relay that holds a place for this node. */
export interface ReportedRelay {
  readonly peer: string
  /** Milliseconds since the Unix epoch. */
  readonly expiresAt?: number
}

/** What is known when a report is made. */
export interface ReportParts {
  /** Milliseconds since the Unix epoch. */
  readonly at: number
  /** One for each address family that could be probed. */
  readonly networks: readonly NatClass[]
  readonly addresses: readonly ReportedAddress[]
  readonly mappings: readonly ReportedMapping[]
  readonly relays: readonly ReportedRelay[]
  readonly clock?: ClockOffset
  /** Nodes that answer STUN, as far as they are known. */
  readonly servers: number
  /** Peers that this node is connected to. */
  readonly peers: number
}

/** How this node stands in the network. */
export interface NatReport extends ReportParts {
  readonly findings: readonly Finding[]
}

/** Options of a report. */
export interface NatReportOptions {
  readonly signal: AbortSignal
  /** How long to wait for the first probing to end, in milliseconds. @default 5_000 */
  readonly waitMs?: number
}

/** Makes reports. */
export interface NatReporter {
  report(options: NatReportOptions): Promise<NatReport>
}

/** The report that parts make: they, and what follows from them. Pure. */
export function makeReport(parts: ReportParts): NatReport {
  return { ...parts, findings: findings(parts) }
}
