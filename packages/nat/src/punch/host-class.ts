import { BlockList } from 'node:net'

/**
 * What a host is to probes: `public`, anybody may be sent to; `private`, only somebody on the same network; `forbidden`,
 * nobody is sent to (this machine, groups, addresses of no host).
 */
export type HostClass = 'public' | 'private' | 'forbidden'

const PRIVATE = blockList(
  ['10.0.0.0', 8, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  // shared by the customers of a carrier (RFC 6598)
  ['100.64.0.0', 10, 'ipv4'],
  ['fc00::', 7, 'ipv6']
)

const FORBIDDEN = blockList(
  ['0.0.0.0', 8, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  // multicast, and what follows up to broadcast
  ['224.0.0.0', 3, 'ipv4'],
  ['::', 127, 'ipv6'],
  // needs a zone, which means nothing to others
  ['fe80::', 10, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
  // an IPv4 address in other clothes: NAT64 and 6to4
  ['64:ff9b::', 96, 'ipv6'],
  ['2002::', 16, 'ipv6']
)

/** The class of an IP address. Pure. */
export function classifyHost(host: string): HostClass {
  const family = host.includes(':') ? 'ipv6' : 'ipv4'
  if (FORBIDDEN.check(host, family)) {
    return 'forbidden'
  }
  return PRIVATE.check(host, family) ? 'private' : 'public'
}

function blockList(...subnets: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[]): BlockList {
  const list = new BlockList()
  for (const [network, prefix, family] of subnets) {
    list.addSubnet(network, prefix, family)
  }
  return list
}
