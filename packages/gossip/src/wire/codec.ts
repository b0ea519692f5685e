import type { PeerId } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { InvalidMessageError } from '@p2pshare/interface'
import { MAX_ADDRESSES, MAX_ADDRESS_BYTES, MAX_PRESENCE_BYTES } from '../constants.ts'
import { Presence } from './messages.ts'

/** What a node says about itself in a topic. */
export type PresenceMessage =
  { readonly type: 'here'; readonly multiaddrs: readonly Multiaddr[] } | { readonly type: 'leaving' }

/** Addresses beyond the limits stay out: a node that lists many is found under the first. */
export function encodePresence(message: PresenceMessage): Uint8Array {
  if (message.type === 'leaving') {
    return Presence.encode({ kind: Presence.Kind.LEAVING })
  }
  const addresses = message.multiaddrs
    .map(({ bytes }) => Uint8Array.from(bytes))
    .filter(({ byteLength }) => byteLength <= MAX_ADDRESS_BYTES)
    .slice(0, MAX_ADDRESSES)
  return Presence.encode({ kind: Presence.Kind.HERE, addresses })
}

/**
 * Throws `InvalidMessageError` for everything that no honest node sends. An address of a kind this node does not know,
 * or of another peer, is left out: newer nodes may have newer transports.
 */
export function decodePresence(bytes: Uint8Array, sender: PeerId): PresenceMessage {
  if (bytes.byteLength > MAX_PRESENCE_BYTES) {
    throw new InvalidMessageError(`presence: ${bytes.byteLength} bytes, at most ${MAX_PRESENCE_BYTES}`)
  }
  const { kind, addresses } = decode(bytes)
  for (const { byteLength } of addresses) {
    if (byteLength === 0 || byteLength > MAX_ADDRESS_BYTES) {
      throw new InvalidMessageError(`presence.addresses: ${byteLength} bytes, from 1 to ${MAX_ADDRESS_BYTES}`)
    }
  }
  switch (kind) {
    case Presence.Kind.HERE:
      return { type: 'here', multiaddrs: addresses.flatMap((address) => toMultiaddr(address, sender)) }
    case Presence.Kind.LEAVING:
      if (addresses.length > 0) {
        throw new InvalidMessageError('presence.addresses: one that leaves has none')
      }
      return { type: 'leaving' }
    case Presence.Kind.UNSPECIFIED:
      throw new InvalidMessageError('presence.kind: unspecified')
  }
}

function decode(bytes: Uint8Array): Presence {
  try {
    return Presence.decode(bytes, { limits: { addresses: MAX_ADDRESSES } })
  } catch (cause) {
    throw new InvalidMessageError('presence: cannot be decoded', { cause })
  }
}

/** The address with the sender's id at its end, so that who answers there is checked; nothing if it is not usable. */
function toMultiaddr(bytes: Uint8Array, sender: PeerId): Multiaddr[] {
  try {
    const address = multiaddr(bytes)
    const last = address.getComponents().at(-1)
    if (last?.name !== 'p2p') {
      return last === undefined ? [] : [address.encapsulate(`/p2p/${sender.toString()}`)]
    }
    return last.value === sender.toString() ? [address] : []
  } catch {
    return []
  }
}
