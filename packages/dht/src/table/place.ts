import type { PeerId } from '@libp2p/interface'
import type { KadDHTComponents } from '@libp2p/kad-dht'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Multiaddr } from '@multiformats/multiaddr'
import { groupOfAddress, hasHost } from '../rpc/contacts.ts'
import { MAX_GROUP_CONTACTS, MAX_NEAR_CONTACTS } from './group-cap.ts'
import type { Place } from './group-cap.ts'

/** What is asked about connections and own addresses. */
export interface PlaceComponents {
  readonly connectionManager: Pick<KadDHTComponents['connectionManager'], 'getConnections'>
  readonly addressManager: Pick<KadDHTComponents['addressManager'], 'getAddresses'>
}

/** A LAN, or this machine: nobody far away can be there. */
const LOCAL: Place = Object.freeze({ group: 'local', most: Infinity })

/** Reached by a name, behind which any address may be, or by nothing that tells where: all of them share one place. */
const UNPLACED: Place = Object.freeze({ group: 'unplaced', most: MAX_GROUP_CONTACTS })

/**
 * Over relays this node has a reservation at: one place for all, for who dials this node as a relay is made one of them by
 * libp2p, asked or not.
 */
const BEHIND_OWN_RELAYS: Place = Object.freeze({ group: 'own relays', most: MAX_NEAR_CONTACTS })

/**
 * Where a peer is, by its connections: what it says of itself is not asked. Who comes over a relay is where the relay is,
 * since peers behind relays cost nothing, and relays nothing but their addresses. `undefined` when it is not connected.
 */
export function placeOf(peer: PeerId, { connectionManager, addressManager }: PlaceComponents): Place | undefined {
  const own = addressManager.getAddresses()
  const remote = (id: PeerId): Multiaddr[] => connectionManager.getConnections(id).map(({ remoteAddr }) => remoteAddr)
  const addresses = remote(peer)
  const direct = placeOfDirect(addresses, own)
  const [relayed] = addresses
  if (direct !== undefined || relayed === undefined) {
    return direct
  }
  const relay = relayOf(relayed)
  const place = relay === undefined ? UNPLACED : (placeOfDirect(remote(peerIdFromString(relay)), own) ?? UNPLACED)
  const isOurs = relay !== undefined && own.some((address) => relayOf(address) === relay)
  return isOurs && place !== LOCAL ? BEHIND_OWN_RELAYS : place
}

/** Of addresses without a relay in them; one that tells where comes before a name. */
function placeOfDirect(addresses: readonly Multiaddr[], own: readonly Multiaddr[]): Place | undefined {
  const direct = addresses.filter((address) => !isRelayed(address))
  const address = direct.find(hasHost) ?? direct[0]
  if (address === undefined) {
    return undefined
  }
  const group = groupOfAddress(address)
  if (group === undefined) {
    return hasHost(address) || isInProcess(address) ? LOCAL : UNPLACED
  }
  const isNear = own.some((each) => !isRelayed(each) && groupOfAddress(each) === group)
  return { group, most: isNear ? MAX_NEAR_CONTACTS : MAX_GROUP_CONTACTS }
}

function isRelayed(address: Multiaddr): boolean {
  return address.getComponents().some(({ name }) => name === 'p2p-circuit')
}

function isInProcess(address: Multiaddr): boolean {
  return address.getComponents().some(({ name }) => name === 'memory' || name === 'unix')
}

/** Peer id of the relay; `undefined` when there is none, or one behind the other. */
function relayOf(address: Multiaddr): string | undefined {
  const [relay, ...behind] = address.toString().split('/p2p-circuit')
  return behind.length === 1 ? /\/p2p\/([^/]+)$/.exec(relay ?? '')?.[1] : undefined
}
