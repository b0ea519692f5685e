import type { PeerId } from '@libp2p/interface'
import { getNetConfig, isNetworkAddress } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import { multiaddr } from '@multiformats/multiaddr'

/**
 * The address to dial for `asker`, or `undefined`: not one to dial. Only the IP address this node sees the asker at is
 * dialled, so nobody can be flooded but the asker, no question need be bigger than the dial, and a private address is
 * dialled only for one that is in the same network. An asker behind a relay is not seen at all. Pure.
 */
export function dialBackTarget(address: Multiaddr, observed: Multiaddr, asker: PeerId): Multiaddr | undefined {
  if (isCircuit(address) || isCircuit(observed) || !isNetworkAddress(address) || !isNetworkAddress(observed)) {
    return undefined
  }
  const { type, host, port } = getNetConfig(address)
  const seen = getNetConfig(observed)
  if (type !== seen.type || (type !== 'ip4' && type !== 'ip6') || host !== seen.host || port === undefined) {
    return undefined
  }
  const named = address.getComponents().find(({ name }) => name === 'p2p')
  if (named === undefined) {
    return address.encapsulate(`/p2p/${asker.toString()}`)
  }
  return named.value === asker.toString() ? multiaddr(address.toString()) : undefined
}

/** Whether bytes to an address go through a relay. Pure. */
export function isCircuit(address: Multiaddr): boolean {
  return address.getComponents().some(({ name }) => name === 'p2p-circuit')
}

/** Whether two addresses are of the same kind below: both TCP or both UDP. Pure. */
export function isSameProtocol(a: Multiaddr, b: Multiaddr): boolean {
  return isUdp(a) === isUdp(b)
}

/** Whether an address is one of UDP. Pure. */
export function isUdp(address: Multiaddr): boolean {
  return address.getComponents().some(({ name }) => name === 'udp')
}
