import { createHash } from 'node:crypto'
import type { PeerId, PeerInfo } from '@libp2p/interface'
import { peerIdFromMultihash } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { decode as decodeDigest } from 'multiformats/hashes/digest'
import { ipGroup } from '../rules/ip-group.ts'
import { positionOf } from '../rules/position.ts'
import type { Contact, Position } from '../rules/position.ts'
import type { PeerRecord } from '../wire/messages.ts'

/** A peer that can be asked, and where it was said to be; without addresses the peer store may know. */
export interface DhtContact extends Contact {
  readonly id: PeerId
  readonly addresses: readonly Multiaddr[]
}

/** Addresses of one peer that are kept; a real node has a handful. */
export const MAX_CONTACT_ADDRESSES = 16

/** Positions that are remembered, about 400 KiB: the peers of a table and of some walks. */
export const MAX_POSITIONS = 4_096

/** Where a key of the network, or a peer's id, is in the key space. */
export function positionOfKey(key: Uint8Array): Position {
  return positionOf(createHash('sha256').update(key).digest())
}

/** Makes contacts out of what peers say; what cannot be read is left out. */
export class Contacts {
  readonly #self: PeerId
  readonly #accepts: (address: Multiaddr) => boolean
  readonly #positions = new Map<string, Position>()

  /** `accepts`: whether an address belongs into this network. */
  constructor(self: PeerId, accepts: (address: Multiaddr) => boolean) {
    this.#self = self
    this.#accepts = accepts
  }

  /** `isKnown`: it is nobody who crept in, so it counts against no IP group. */
  of(id: PeerId, addresses: readonly Multiaddr[] = [], isKnown = false): DhtContact {
    const key = id.toString()
    const usable = addresses.slice(0, MAX_CONTACT_ADDRESSES).filter((address) => this.#accepts(address))
    const group = isKnown ? undefined : groupOf(usable)
    return {
      key,
      id,
      position: this.#positionOf(key, id),
      addresses: usable.flatMap((address) => withPeer(address, id)),
      ...(group === undefined ? {} : { group })
    }
  }

  /** `undefined` for this node itself and for what is no peer. */
  read(record: PeerRecord): DhtContact | undefined {
    const info = toPeerInfo(record)
    return info === undefined || info.id.equals(this.#self) ? undefined : this.of(info.id, info.multiaddrs)
  }

  #positionOf(key: string, id: PeerId): Position {
    const known = this.#positions.get(key)
    const position = known ?? positionOfKey(id.toMultihash().bytes)
    // the one that was not used longest goes
    this.#positions.delete(key)
    this.#positions.set(key, position)
    if (this.#positions.size > MAX_POSITIONS) {
      const [oldest = ''] = this.#positions.keys()
      this.#positions.delete(oldest)
    }
    return position
  }
}

/** An address that cannot be read is left out; `undefined` for a peer without an id. */
export function toPeerInfo({ id, multiaddrs }: PeerRecord): PeerInfo | undefined {
  try {
    // a peer id's multihash is an identity or a SHA-256 one
    const peer = peerIdFromMultihash(decodeDigest(id))
    return { id: peer, multiaddrs: multiaddrs.slice(0, MAX_CONTACT_ADDRESSES).flatMap(toMultiaddr) }
  } catch {
    return undefined
  }
}

/** The address with the peer's id at its end, so that who answers there is checked; nothing if it names another. */
export function withPeer(address: Multiaddr, id: PeerId): Multiaddr[] {
  const last = address.getComponents().at(-1)
  if (last?.name !== 'p2p') {
    return [address.encapsulate(`/p2p/${id.toString()}`)]
  }
  return last.value === id.toString() ? [address] : []
}

/** IP group of where a multiaddr leads; `undefined` for private addresses and names. */
export function groupOfAddress(address: Multiaddr): string | undefined {
  const host = hostOf(address)
  return host === undefined ? undefined : ipGroup(host)
}

/** Whether an address leads to an IP address and not to a name. */
export function hasHost(address: Multiaddr): boolean {
  return hostOf(address) !== undefined
}

function hostOf(address: Multiaddr): string | undefined {
  return address.getComponents().find(({ name }) => name === 'ip4' || name === 'ip6')?.value
}

function groupOf(addresses: readonly Multiaddr[]): string | undefined {
  for (const address of addresses) {
    const group = groupOfAddress(address)
    if (group !== undefined) {
      return group
    }
  }
  return undefined
}

function toMultiaddr(bytes: Uint8Array): Multiaddr[] {
  try {
    return [multiaddr(bytes)]
  } catch {
    return []
  }
}
