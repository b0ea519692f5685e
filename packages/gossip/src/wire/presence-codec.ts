import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { InvalidMessageError } from '@p2pshare/interface'
import type { HaveSummary } from '@p2pshare/interface'
import {
  DEFAULT_EVERY_S,
  MAX_ADDRESSES,
  MAX_EVERY_S,
  MAX_HAVE_MAP_BYTES,
  MAX_PRESENCE_BYTES
} from '../topics/constants.ts'
import { decodeAddresses, encodeAddresses } from './addresses.ts'
import { Presence } from './topics.ts'
import type { Have } from './topics.ts'

/** What a node says about itself in the topic of a share. */
export type PresenceMessage =
  | {
      readonly type: 'here'
      readonly multiaddrs: readonly Multiaddr[]
      readonly have?: HaveSummary
      /** It speaks again within so many seconds. */
      readonly everyS: number
    }
  | { readonly type: 'leaving' }

/** The data of a message in the topic of a share. Addresses beyond the limits stay out. */
export function encodePresence(message: PresenceMessage): Uint8Array {
  if (message.type === 'leaving') {
    return Presence.encode({ kind: Presence.Kind.LEAVING })
  }
  const { multiaddrs, have, everyS } = message
  return Presence.encode({
    kind: Presence.Kind.HERE,
    addresses: encodeAddresses(multiaddrs),
    every: everyS,
    ...(have === undefined ? {} : { have: encodeHave(have) })
  })
}

/** Throws `InvalidMessageError` for everything that no honest node sends. */
export function decodePresence(bytes: Uint8Array, sender: PeerId): PresenceMessage {
  if (bytes.byteLength > MAX_PRESENCE_BYTES) {
    throw new InvalidMessageError(`presence: ${bytes.byteLength} bytes, at most ${MAX_PRESENCE_BYTES}`)
  }
  const { kind, addresses, have, every } = decode(bytes)
  if (kind === Presence.Kind.LEAVING) {
    if (addresses.length > 0 || have !== undefined) {
      throw new InvalidMessageError('presence: one that leaves has nothing more to say')
    }
    return { type: 'leaving' }
  }
  if (kind !== Presence.Kind.HERE) {
    throw new InvalidMessageError('presence.kind: unspecified')
  }
  if (every > MAX_EVERY_S) {
    throw new InvalidMessageError(`presence.every: ${every} s, at most ${MAX_EVERY_S}`)
  }
  return {
    type: 'here',
    multiaddrs: decodeAddresses(addresses, sender),
    everyS: every === 0 ? DEFAULT_EVERY_S : every,
    ...(have === undefined ? {} : { have: decodeHave(have) })
  }
}

function decode(bytes: Uint8Array): Presence {
  try {
    return Presence.decode(bytes, { limits: { addresses: MAX_ADDRESSES } })
  } catch (cause) {
    throw new InvalidMessageError('presence: cannot be decoded', { cause })
  }
}

function encodeHave({ leaves, held, map = new Uint8Array() }: HaveSummary): Have {
  return { leaves, held, map: Uint8Array.from(map) }
}

function decodeHave({ leaves, held, map }: Have): HaveSummary {
  if (held > leaves || map.byteLength > MAX_HAVE_MAP_BYTES) {
    throw new InvalidMessageError(`presence.have: ${held} of ${leaves} leaves, a map of ${map.byteLength} bytes`)
  }
  const isWhole = held === leaves || held === 0
  return { leaves, held, ...(map.byteLength === 0 || isWhole ? {} : { map }) }
}
