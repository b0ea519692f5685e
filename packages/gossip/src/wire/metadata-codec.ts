import type { PeerId } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { MemberMetadata } from '@p2pshare/interface'
import { MAX_METADATA_BYTES } from '../membership/bounds.ts'
import {
  MAX_METADATA_ADDRESSES,
  MAX_METADATA_ADDRESS_BYTES,
  MAX_ROLES,
  MAX_ROLE_LENGTH,
  MAX_VERSION_LENGTH
} from './limits.ts'
import { Metadata } from './membership.ts'

/** A load is in percent. */
const MAX_LOAD = 100

/**
 * What a member says about itself, in at most `MAX_METADATA_BYTES`. Roles, version and load are there first (the options
 * bound them); addresses follow in their order as long as they fit: a node that lists many is found under the first.
 */
export function encodeMetadata(metadata: MemberMetadata, self: PeerId): Uint8Array<ArrayBuffer> {
  const { roles, version, load } = metadata
  const fields = {
    roles: [...roles],
    ...(version === undefined ? {} : { version }),
    ...(load === undefined ? {} : { load: Math.round(load) + 1 })
  }
  const addresses: Uint8Array<ArrayBuffer>[] = []
  let bytes = Metadata.encode(fields).byteLength
  for (const address of metadata.addresses) {
    const short = Uint8Array.from(withoutId(address, self).bytes)
    const size = short.byteLength + (short.byteLength > 127 ? 3 : 2)
    if (short.byteLength <= MAX_METADATA_ADDRESS_BYTES && short.byteLength > 0 && bytes + size <= MAX_METADATA_BYTES) {
      addresses.push(short)
      bytes += size
    }
    if (addresses.length === MAX_METADATA_ADDRESSES) {
      break
    }
  }
  return Metadata.encode({ ...fields, addresses })
}

/**
 * What can be read of it: metadata of a newer or a foolish member must not hide the member. Addresses of other peers and
 * of unknown kinds, roles and versions that are too long, and a load above 100 are left out. `undefined`: unreadable.
 */
export function decodeMetadata(bytes: Uint8Array, member: PeerId): MemberMetadata | undefined {
  if (bytes.byteLength > MAX_METADATA_BYTES) {
    return undefined
  }
  try {
    const { addresses, roles, version, load } = Metadata.decode(bytes, {
      limits: { addresses: MAX_METADATA_ADDRESSES, roles: MAX_ROLES }
    })
    return {
      addresses: addresses.flatMap((address) => toMultiaddr(address, member)),
      roles: roles.filter((role) => role.length > 0 && role.length <= MAX_ROLE_LENGTH),
      ...(version.length > 0 && version.length <= MAX_VERSION_LENGTH ? { version } : {}),
      ...(load > 0 && load <= MAX_LOAD + 1 ? { load: load - 1 } : {})
    }
  } catch {
    return undefined
  }
}

function withoutId(address: Multiaddr, self: PeerId): Multiaddr {
  const last = address.getComponents().at(-1)
  return last?.name === 'p2p' && last.value === self.toString() ? address.decapsulate(`/p2p/${last.value}`) : address
}

/** The address with the member's id at its end, so that who answers there is checked; nothing if it is not usable. */
function toMultiaddr(bytes: Uint8Array, member: PeerId): Multiaddr[] {
  if (bytes.byteLength === 0 || bytes.byteLength > MAX_METADATA_ADDRESS_BYTES) {
    return []
  }
  try {
    const address = multiaddr(bytes)
    const components = address.getComponents()
    const last = components.at(-1)
    if (last === undefined) {
      return []
    }
    if (last.name !== 'p2p') {
      return [address.encapsulate(`/p2p/${member.toString()}`)]
    }
    return last.value === member.toString() && components.length > 1 ? [address] : []
  } catch {
    return []
  }
}
