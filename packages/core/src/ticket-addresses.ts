import { isLinkLocal, isLoopback, isPrivate } from '@libp2p/utils'
import { CODE_P2P_CIRCUIT } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { MAX_SHARED_ADDRESSES } from './defaults.ts'

/** Who can use an address, the most useful first. */
const REACH = ['internet', 'relay', 'network', 'machine'] as const

/**
 * The addresses worth giving to a receiver: those that work from far away first, at most `MAX_SHARED_ADDRESSES`.
 * Loopback addresses are of use only to this machine: they are kept when there is nothing else, or when the node was
 * told to listen on loopback.
 */
export function pickTicketAddresses(addresses: readonly Multiaddr[], listen: readonly Multiaddr[]): Multiaddr[] {
  // link-local addresses need the name of an interface on the other machine
  const usable = addresses.filter((address) => !isLinkLocal(address))
  const withReach = usable.map((address) => ({ address, reach: reachOf(address) }))
  const keepLoopback =
    listen.some((address) => isLoopback(address)) || withReach.every(({ reach }) => reach === 'machine')
  return withReach
    .filter(({ reach }) => keepLoopback || reach !== 'machine')
    .sort((a, b) => REACH.indexOf(a.reach) - REACH.indexOf(b.reach))
    .map(({ address }) => address)
    .slice(0, MAX_SHARED_ADDRESSES)
}

function reachOf(address: Multiaddr): (typeof REACH)[number] {
  if (address.getComponents().some(({ code }) => code === CODE_P2P_CIRCUIT)) {
    return 'relay'
  }
  if (isLoopback(address)) {
    return 'machine'
  }
  return isPrivate(address) ? 'network' : 'internet'
}
