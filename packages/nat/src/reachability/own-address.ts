import type { AddressType, NodeAddress } from '@libp2p/interface-internal'
import { isNetworkAddress, isPrivate } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Verdict } from './verdict.ts'

/**
 * Who can reach an address of this node:
 *
 * - `verified`: another node dialled it back
 * - `unreachable`: other nodes tried to and could not
 * - `assumed`: the configuration or the gateway says so; nobody has tried
 * - `local`: only nodes on this machine or network can use it; whether they reach it was not tried
 * - `relayed`: a relay holds a place for this node
 * - `unverified`: seen by another node or listened on, not confirmed; it is not announced
 */
export type AddressReachability = 'verified' | 'unreachable' | 'assumed' | 'local' | 'relayed' | 'unverified'

/** What is known of one of this node's own addresses. */
export interface OwnAddress {
  readonly address: Multiaddr
  /** How the node learned of it. */
  readonly kind: AddressType
  readonly reachability: AddressReachability
  /** Last dial back, in milliseconds since the Unix epoch. Only for `verified`. */
  readonly verifiedAt?: number
  /** Last failed dial back, in milliseconds since the Unix epoch. Only for `unreachable`. */
  readonly unreachableAt?: number
}

/** What libp2p alone knows. Pure. */
export function toOwnAddress(address: NodeAddress): OwnAddress {
  return describeAddress(address, undefined)
}

/**
 * libp2p's flag alone says too much: it is set for private and configured addresses that nobody has dialled, and for all
 * ports of a mapped address when one was. A dial-back of our own counts for more, either way. Pure.
 */
export function describeAddress(own: NodeAddress, verdict: Verdict | undefined): OwnAddress {
  const { multiaddr: address, type: kind, verified, lastVerified } = own
  if (address.getComponents().some(({ name }) => name === 'p2p-circuit')) {
    return { address, kind, reachability: 'relayed' }
  }
  if (verdict?.status === 'verified') {
    return { address, kind, reachability: 'verified', verifiedAt: verdict.at }
  }
  if (verdict?.status === 'unreachable') {
    return { address, kind, reachability: 'unreachable', unreachableAt: verdict.at }
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
  return kind === 'ip-mapping'
    ? { address, kind, reachability: 'assumed' }
    : { address, kind, reachability: 'verified', verifiedAt: lastVerified }
}

const STRENGTH: readonly AddressReachability[] = [
  'verified',
  'unreachable',
  'relayed',
  'assumed',
  'local',
  'unverified'
]

/** Each address once: what is proven counts when it is known in several ways. Pure. */
export function mergeAddresses(addresses: readonly OwnAddress[]): OwnAddress[] {
  const found = new Map<string, OwnAddress>()
  for (const own of addresses) {
    const key = own.address.toString()
    const known = found.get(key)
    if (known === undefined || STRENGTH.indexOf(own.reachability) < STRENGTH.indexOf(known.reachability)) {
      found.set(key, own)
    }
  }
  return [...found.values()]
}
