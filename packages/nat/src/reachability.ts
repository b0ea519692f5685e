import type { AddressType, NodeAddress } from '@libp2p/interface-internal'
import { isNetworkAddress, isPrivate } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * Who can reach an address of this node:
 *
 * - `verified`: another node dialled it back
 * - `assumed`: the configuration says so; nobody has tried
 * - `local`: only nodes on this machine or network can use it; whether they reach it was not tried
 * - `relayed`: a relay holds a place for this node
 * - `unverified`: seen by another node or listened on, not confirmed; it is not announced
 */
export type AddressReachability = 'verified' | 'assumed' | 'local' | 'relayed' | 'unverified'

/** What is known of one of this node's own addresses. */
export interface OwnAddress {
  readonly address: Multiaddr
  /** How the node learned of it. */
  readonly kind: AddressType
  readonly reachability: AddressReachability
  /** Last dial back, in milliseconds since the Unix epoch. Only for `verified`. */
  readonly verifiedAt?: number
}

/** libp2p's flag alone says too much: it is set for private and configured addresses that nobody has dialled. Pure. */
export function toOwnAddress({ multiaddr: address, type: kind, verified, lastVerified }: NodeAddress): OwnAddress {
  if (address.getComponents().some(({ name }) => name === 'p2p-circuit')) {
    return { address, kind, reachability: 'relayed' }
  }
  if (!isNetworkAddress(address) || isPrivate(address)) {
    return { address, kind, reachability: 'local' }
  }
  if (kind === 'announce') {
    return { address, kind, reachability: 'assumed' }
  }
  if (!verified || lastVerified === undefined) {
    return { address, kind, reachability: 'unverified' }
  }
  return { address, kind, reachability: 'verified', verifiedAt: lastVerified }
}
