import { tryGetNetConfig } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import { NETWORK_BITS } from './constants.ts'

/** Text that two addresses share when they are in one network; `undefined`: it has no IP address. */
export function networkOf(address: Multiaddr): string | undefined {
  const config = tryGetNetConfig(address)
  return config?.type === 'ip4' || config?.type === 'ip6' ? prefix(config.host, NETWORK_BITS[config.type]) : undefined
}

/** Who shares a quota: an IPv4 address, or an IPv6 /64. `undefined`: it has no IP address. */
export function quotaKey(address: Multiaddr): string | undefined {
  const config = tryGetNetConfig(address)
  return config?.type === 'ip4' || config?.type === 'ip6'
    ? prefix(config.host, config.type === 'ip4' ? 32 : 64)
    : undefined
}

function prefix(host: string, bits: number): string {
  if (!host.includes(':')) {
    return host
      .split('.')
      .slice(0, bits / 8)
      .join('.')
  }
  return groupsOf(host)
    .slice(0, bits / 16)
    .join(':')
}

/** All eight groups of an IPv6 address, without leading zeros. */
function groupsOf(host: string): string[] {
  const [head = '', tail] = host.toLowerCase().split('::')
  const front = head === '' ? [] : head.split(':')
  const back = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - front.length - back.length)
  return [...front, ...Array.from({ length: zeros }, () => '0'), ...back].map((group) => group.replace(/^0+(?=.)/u, ''))
}
