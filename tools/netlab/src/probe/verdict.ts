import type { Filtering, Mapping } from '../nat-types.ts'

/** An address as the echo server sees it. */
export interface Seen {
  readonly address: string
  readonly port: number
}

/** What the probe on a host found, as it travels in JSON; null where no answer came. */
export interface ProbeFindings {
  /** The socket's own address on its way to the relay. */
  readonly local: Seen
  /** By three questions from one socket: address 1 port 1, address 1 port 2, address 2 port 1. */
  readonly seen: readonly [Seen | null, Seen | null, Seen | null]
  /** Whether an answer from another port of the asked address came in. */
  readonly fromOtherPort: boolean
  /** Whether an answer from another address came in. */
  readonly fromOtherAddress: boolean
  /** Fresh sockets: own port and outside port. */
  readonly fresh: ReadonlyArray<{ readonly local: number; readonly outside: number | null }>
  /** What a TCP connection from the relay to the outside address met. */
  readonly unsolicitedTcp: 'dropped' | 'refused' | 'open' | null
}

/** What NAT a host is behind. */
export interface Classification {
  readonly host: string
  readonly family: 4 | 6
  /** `false`: no UDP answer came. The rest is then undefined. */
  readonly udp: boolean
  readonly mapping?: Mapping
  readonly filtering?: Filtering
  /** Whether every socket kept its port number outside. */
  readonly preservesPorts?: boolean
  /** Outside addresses that were seen. */
  readonly outside?: readonly Seen[]
  readonly unsolicitedTcp?: 'dropped' | 'refused' | 'open'
}

/** Draw the conclusions of RFC 5780 section 4. */
export function judge(host: string, family: 4 | 6, findings: ProbeFindings): Classification {
  const [first, otherPort, otherAddress] = findings.seen
  if (first === null) {
    return { host, family, udp: false }
  }
  const all = [...findings.seen.map((seen) => seen?.port ?? null), ...findings.fresh.map(({ outside }) => outside)]
  const own = [...findings.seen.map(() => findings.local.port), ...findings.fresh.map(({ local }) => local)]
  return {
    host,
    family,
    udp: true,
    mapping: mappingOf(findings.local, first, otherPort, otherAddress),
    filtering: findings.fromOtherAddress
      ? 'endpoint-independent'
      : findings.fromOtherPort
        ? 'address-dependent'
        : 'address-and-port-dependent',
    preservesPorts: all.every((port, at) => port === null || port === own[at]),
    outside: findings.seen.flatMap((seen) => seen ?? []),
    ...(findings.unsolicitedTcp !== null && { unsolicitedTcp: findings.unsolicitedTcp })
  }
}

function mappingOf(local: Seen, first: Seen, otherPort: Seen | null, otherAddress: Seen | null): Mapping {
  if (same(first, local)) {
    return 'none'
  }
  if (same(first, otherPort) && same(first, otherAddress)) {
    return 'endpoint-independent'
  }
  return same(first, otherPort) ? 'address-dependent' : 'address-and-port-dependent'
}

function same(one: Seen, other: Seen | null): boolean {
  return one.address === other?.address && one.port === other.port
}
