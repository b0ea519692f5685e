import type { Address } from '@libp2p/interface'
import { isLoopback } from '@libp2p/utils'
import { ADDRESS_ORDER, groupOf } from './address-class.ts'

/**
 * For `connectionManager.addressSorter` of libp2p: this network, public IPv6, public IPv4 over TCP, UDX, what is left,
 * relays. Within a group certified addresses come first, and this machine's own last: they are most often another's. Pure.
 */
export function sortAddresses(a: Address, b: Address): number {
  return (
    ADDRESS_ORDER.indexOf(groupOf(a.multiaddr)) - ADDRESS_ORDER.indexOf(groupOf(b.multiaddr)) ||
    Number(isLoopback(a.multiaddr)) - Number(isLoopback(b.multiaddr)) ||
    Number(b.isCertified) - Number(a.isCertified)
  )
}
