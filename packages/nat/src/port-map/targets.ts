import { getNetConfig, isLoopback, isNetworkAddress, isPrivate } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import { MAX_TARGETS } from './constants.ts'
import type { MapTarget } from './types.ts'

/**
 * What a gateway is to let in: the listeners on private IPv4 addresses, TCP and UDP, each port once. Addresses behind relays
 * and with a name are not listeners of this machine. Loopback is left out: no gateway reaches it. Pure.
 */
export function mapTargets(addresses: readonly Multiaddr[], { withLoopback = false } = {}): MapTarget[] {
  const targets = new Map<string, MapTarget>()
  for (const address of addresses) {
    if (address.getComponents().some(({ name }) => name === 'p2p-circuit') || !isNetworkAddress(address)) {
      continue
    }
    const { type, host, port, protocol } = getNetConfig(address)
    const isInside = isPrivate(address) && (withLoopback || !isLoopback(address))
    if (type === 'ip4' && port !== undefined && (protocol === 'tcp' || protocol === 'udp') && isInside) {
      const target = { internalIp: host, internalPort: port, protocol }
      targets.set(targetKey(target), target)
    }
  }
  return [...targets.values()].slice(0, MAX_TARGETS)
}

/** The same text for the same listener. Pure. */
export function targetKey({ internalIp, internalPort, protocol }: MapTarget): string {
  return `${protocol}:${internalIp}:${internalPort}`
}
