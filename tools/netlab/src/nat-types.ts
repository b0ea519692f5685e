/** How a NAT chooses the outside port (RFC 4787 section 4.1); `none`: nothing is translated. */
export type Mapping = 'none' | 'endpoint-independent' | 'address-dependent' | 'address-and-port-dependent'

/** Whose datagrams are let in (RFC 4787 section 5). */
export type Filtering = 'endpoint-independent' | 'address-dependent' | 'address-and-port-dependent'

/** What a type of network does to a host in it, as `classify` must find it. */
export interface NatTypeFacts {
  readonly summary: string
  /** `false`: no UDP gets out. */
  readonly udp: boolean
  readonly mapping: Mapping
  readonly filtering: Filtering
  readonly ipv4: boolean
  readonly ipv6: boolean
  /** What an unsolicited TCP connection to the outside address meets. */
  readonly unsolicitedTcp: 'dropped' | 'refused'
  /** Translators between the host and the internet. */
  readonly natLevels: 0 | 1 | 2
  /** Outside ports of a narrow pool, both ends inclusive. */
  readonly pool?: readonly [low: number, high: number]
}

const home = {
  udp: true,
  mapping: 'endpoint-independent',
  filtering: 'address-and-port-dependent',
  ipv4: true,
  ipv6: false,
  unsolicitedTcp: 'dropped',
  natLevels: 1
} as const satisfies Omit<NatTypeFacts, 'summary'>

const symmetric = { ...home, mapping: 'address-and-port-dependent' } as const

/** 64 ports: what a block-allocating carrier NAT gives a subscriber at the low end. */
export const NARROW_POOL = [40_000, 40_063] as const

/** Every kind of network a host can be put in. `lan` is only for `b`: it is then a neighbour of `a`. */
export const NAT_TYPES = {
  public: {
    ...home,
    summary: 'a public address of its own, no NAT, no firewall',
    mapping: 'none',
    filtering: 'endpoint-independent',
    unsolicitedTcp: 'refused',
    natLevels: 0
  },
  'full-cone': { ...home, summary: 'a mapped port takes packets from anybody', filtering: 'endpoint-independent' },
  'address-restricted': {
    ...home,
    summary: 'a mapped port takes packets from addresses it has sent to, whatever their port',
    filtering: 'address-dependent'
  },
  'port-restricted': { ...home, summary: 'the Linux default: one outside port, answers only from where it sent to' },
  symmetric: { ...symmetric, summary: 'a new random outside port for every destination' },
  'symmetric-narrow': {
    ...symmetric,
    summary: 'a new outside port for every destination, out of only 64',
    pool: NARROW_POOL
  },
  cgnat: { ...home, summary: 'a port-restricted home router behind a port-restricted carrier NAT', natLevels: 2 },
  'cgnat-symmetric': {
    ...symmetric,
    summary: 'a port-restricted home router behind a symmetric carrier NAT',
    natLevels: 2
  },
  'udp-blocked': { ...home, summary: 'port-restricted, and no UDP gets out but DNS (port 53)', udp: false },
  rst: {
    ...home,
    summary: 'port-restricted, and answers unsolicited TCP with RST, UDP with ICMP',
    unsolicitedTcp: 'refused'
  },
  upnp: { ...home, summary: 'port-restricted, with UPnP IGD, NAT-PMP and PCP (miniupnpd)' },
  lan: { ...home, summary: "only for b: on a's LAN, behind a's router, which has no hairpin" },
  'ipv6-only': {
    ...home,
    summary: 'no IPv4 at all; IPv6 behind a stateful firewall that drops what nobody asked for',
    mapping: 'none',
    ipv4: false,
    ipv6: true,
    natLevels: 0
  },
  'dual-stack': { ...home, summary: 'port-restricted for IPv4, and IPv6 behind a stateful firewall', ipv6: true }
} as const satisfies Record<string, NatTypeFacts>

export type NatType = keyof typeof NAT_TYPES

/** The facts of a type, with its optional fields. */
export function factsOf(type: NatType): NatTypeFacts {
  return NAT_TYPES[type]
}

export function isNatType(text: string): text is NatType {
  return Object.hasOwn(NAT_TYPES, text)
}
