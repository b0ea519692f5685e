import type { PeerId } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { InvalidMessageError } from '@p2pshare/interface'
import { MAX_ADDRESSES, MAX_ADDRESS_BYTES } from '../topics/constants.ts'

/** Addresses beyond the limits stay out: a node that lists many is found under the first. */
export function encodeAddresses(multiaddrs: readonly Multiaddr[]): Uint8Array<ArrayBuffer>[] {
  return multiaddrs
    .map(({ bytes }) => Uint8Array.from(bytes))
    .filter(({ byteLength }) => byteLength <= MAX_ADDRESS_BYTES)
    .slice(0, MAX_ADDRESSES)
}

/**
 * Throws `InvalidMessageError` for an address that no honest node sends. One of a kind this node does not know, or of
 * another peer, is left out: newer nodes may have newer transports.
 */
export function decodeAddresses(addresses: readonly Uint8Array[], of: PeerId): Multiaddr[] {
  for (const { byteLength } of addresses) {
    if (byteLength === 0 || byteLength > MAX_ADDRESS_BYTES) {
      throw new InvalidMessageError(`addresses: ${byteLength} bytes, from 1 to ${MAX_ADDRESS_BYTES}`)
    }
  }
  return addresses.flatMap((address) => toMultiaddr(address, of))
}

/** The address with the peer's id at its end, so that who answers there is checked; nothing if it is not usable. */
function toMultiaddr(bytes: Uint8Array, of: PeerId): Multiaddr[] {
  try {
    const address = multiaddr(bytes)
    const last = address.getComponents().at(-1)
    if (last?.name !== 'p2p') {
      return last === undefined ? [] : [address.encapsulate(`/p2p/${of.toString()}`)]
    }
    return last.value === of.toString() ? [address] : []
  } catch {
    return []
  }
}
