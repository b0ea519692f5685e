/*
 * Who has which address. Everything outside a LAN is from a range that is really public: libp2p and others filter
 * private and documentation ranges. Nothing of it leaves the namespaces.
 */

/** First octets of the relays: four different /8 networks. */
const RELAY_OCTETS = [5, 6, 11, 13] as const

/** What a host on the internet has: addresses, and the prefixes the internet sends its way. */
export interface WanAddresses {
  readonly ipv4: readonly string[]
  readonly ipv6: readonly string[]
  readonly routes: readonly string[]
}

/** Addresses of one side (a, b, ...). `index` counts from 1; `generation` is how often its public address changed. */
export interface SideAddresses {
  readonly publicIpv4: string
  /** The router's own, outside; the LAN's addresses are public too. */
  readonly wanIpv6: string
  readonly lan: { readonly router: string; readonly hosts: readonly string[] }
  readonly lanIpv6: { readonly router: string; readonly hosts: readonly string[] }
  readonly carrier: { readonly inside: string; readonly subscriber: string }
  /** A change of address stays inside these, so that the internet need not be told. */
  readonly routesIpv4: readonly string[]
  readonly routesIpv6: readonly string[]
}

/** How often a side can change its address: the generation is the last octet. */
export const MAX_GENERATION = 253

export function sideAddresses(index: number, generation: number): SideAddresses {
  const hex = index.toString(16)
  // no zeros in it: the text is then the one form that every program prints
  const prefix = `2a02:5:${hex}:${(generation + 1).toString(16)}`
  return {
    publicIpv4: `5.5.${index}.${generation + 1}`,
    wanIpv6: `2a01:5:5:${hex}::${(generation + 1).toString(16)}`,
    lan: { router: `192.168.${index}.1`, hosts: [`192.168.${index}.2`, `192.168.${index}.3`] },
    lanIpv6: { router: `${prefix}::1`, hosts: [`${prefix}::2`, `${prefix}::3`] },
    carrier: { inside: `100.64.${index}.1`, subscriber: `100.64.${index}.2` },
    routesIpv4: [`5.5.${index}.0/24`],
    routesIpv6: [`2a01:5:5:${hex}::/64`, `2a02:5:${hex}::/48`]
  }
}

/** Relay `at` (from 0): two addresses of each family, for RFC 5780. */
export function relayAddresses(at: number): WanAddresses {
  const octet = RELAY_OCTETS[at] ?? RELAY_OCTETS[0]
  const network = `2a01:${octet.toString(16)}:5`
  return {
    ipv4: [`${octet}.5.0.10`, `${octet}.5.0.11`],
    ipv6: [`${network}::10`, `${network}::11`],
    routes: [`${octet}.5.0.0/24`, `${network}::/64`]
  }
}

/** An extra server: its IPv4 address, and the same number as IPv6. */
export function serverAddresses(address: string): WanAddresses {
  const ipv6 = `2a01:ffff::${address.replaceAll('.', ':')}`
  return { ipv4: [address], ipv6: [ipv6], routes: [`${address}/32`, `${ipv6}/128`] }
}

/** MAC of the switch: the gateway of everything on the internet. Compiled into it too. */
export const GATEWAY_MAC = '02:4e:4c:00:00:01'
/** Never a packet's source or destination. */
export const GATEWAY_IPV4 = '169.254.0.1'
export const GATEWAY_IPV6 = 'fe80::1'

/** MAC of what is plugged into port `at` of the switch. */
export function portMac(at: number): string {
  return `02:4e:4c:00:01:${at.toString(16).padStart(2, '0')}`
}
