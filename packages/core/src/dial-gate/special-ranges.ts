import { NetworkList } from './network-list.ts'

/** What an IP address is: `public`, or why no stranger may send us there. */
export type AddressClass =
  | 'public'
  | 'loopback'
  | 'private'
  | 'carrier'
  | 'link-local'
  | 'metadata'
  | 'multicast'
  | 'nobody'
  | 'translated'
  | 'reserved'

/** One block of an IANA special-purpose registry, as `address/bits`. */
type Range = readonly [AddressClass, string]

/** The first that holds an address decides: what lies in another block stands before it. */
const RANGES: readonly Range[] = [
  // where clouds hand out credentials to whoever asks from inside
  ['metadata', '169.254.169.254/32'],
  ['metadata', '169.254.170.2/32'],
  ['metadata', '100.100.100.200/32'],
  ['metadata', '168.63.129.16/32'],
  ['metadata', '192.0.0.192/32'],
  ['metadata', 'fd00:ec2::254/128'],
  ['metadata', 'fd20:ce::254/128'],
  // IPv4 in other clothes: mapped, translated (SIIT, NAT64), 6to4 and its relays, Teredo, and the compatible form of old
  ['translated', '::ffff:0:0/96'],
  ['translated', '::ffff:0:0:0/96'],
  ['translated', '64:ff9b::/96'],
  ['translated', '64:ff9b:1::/48'],
  ['translated', '2002::/16'],
  ['translated', '2001::/32'],
  ['translated', '192.88.99.0/24'],
  ['nobody', '0.0.0.0/8'],
  ['nobody', '255.255.255.255/32'],
  ['nobody', '::/128'],
  ['nobody', '100::/64'],
  ['nobody', '100:0:0:1::/64'],
  ['loopback', '127.0.0.0/8'],
  ['loopback', '::1/128'],
  ['translated', '::/96'],
  ['private', '10.0.0.0/8'],
  ['private', '172.16.0.0/12'],
  ['private', '192.168.0.0/16'],
  ['private', 'fc00::/7'],
  ['private', 'fec0::/10'],
  // shared by the customers of a carrier (RFC 6598), and by overlay networks
  ['carrier', '100.64.0.0/10'],
  ['link-local', '169.254.0.0/16'],
  ['link-local', 'fe80::/10'],
  ['multicast', '224.0.0.0/4'],
  ['multicast', 'ff00::/8'],
  // documentation, benchmarks, protocol assignments, sinks
  ['reserved', '192.0.0.0/24'],
  ['reserved', '192.0.2.0/24'],
  ['reserved', '192.31.196.0/24'],
  ['reserved', '192.52.193.0/24'],
  ['reserved', '192.175.48.0/24'],
  ['reserved', '198.18.0.0/15'],
  ['reserved', '198.51.100.0/24'],
  ['reserved', '203.0.113.0/24'],
  ['reserved', '240.0.0.0/4'],
  ['reserved', '2001::/23'],
  ['reserved', '2001:db8::/32'],
  ['reserved', '2620:4f:8000::/48'],
  ['reserved', '3fff::/20'],
  // all that is not 2000::/3 is not handed out
  ['reserved', '::/3'],
  ['reserved', '4000::/2'],
  ['reserved', '8000::/1']
]

const BLOCKS = RANGES.map(([kind, cidr]) => ({ kind, cidr, network: new NetworkList([cidr]) }))

const SPECIAL = new NetworkList(RANGES.map(([, cidr]) => cidr))

/** The class of an IP address without a zone. Pure. */
export function classifyAddress(host: string): AddressClass {
  return blockOf(host)?.kind ?? 'public'
}

/** The block that an address lies in, as `address/bits`; nothing for a public one. Pure. */
export function specialBlock(host: string): string | undefined {
  return blockOf(host)?.cidr
}

function blockOf(host: string): (typeof BLOCKS)[number] | undefined {
  return SPECIAL.has(host) ? BLOCKS.find(({ network }) => network.has(host)) : undefined
}
