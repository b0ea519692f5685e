import { passthroughMapper, removePrivateAddressesMapper, removePublicAddressesMapper } from '@libp2p/kad-dht'
import type { PeerInfo } from '@libp2p/interface'
import { isPrivate } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import { AMINO_PROTOCOL, DATASTORE_PREFIX, LAN_PROTOCOL } from './constants.ts'
import type { DhtOptions } from './options.ts'
import { AMINO_PROVIDE_INTERVAL_MS } from './rules/next-provide.ts'
import type { NetworkName } from './types.ts'

/** What sets one of the networks apart that a node is in side by side. */
export interface NetworkSpec {
  readonly name: NetworkName
  readonly protocol: string
  /** Ask others and answer nobody. */
  readonly clientMode: boolean
  /** Whether an address is of use in this network. */
  readonly accepts: (address: Multiaddr) => boolean
  /** The same for kad-dht. */
  readonly peerInfoMapper: (info: PeerInfo) => PeerInfo
  /** Of all it keeps in the datastore. */
  readonly prefix: string
  /** The longest pause between two announcements of one root, in milliseconds, and that before anything was measured. */
  readonly longestIntervalMs: number
  readonly firstIntervalMs?: number
}

/** The networks that the options ask for; the own one comes first. */
export function networksOf(options: DhtOptions): readonly NetworkSpec[] {
  const { protocol, clientMode, lan, amino, maxAnnounceIntervalMs } = options
  const own: NetworkSpec = {
    name: 'own',
    protocol,
    clientMode,
    // nodes on one LAN or one machine must find each other
    accepts: () => true,
    peerInfoMapper: passthroughMapper,
    prefix: DATASTORE_PREFIX,
    longestIntervalMs: maxAnnounceIntervalMs
  }
  const local: NetworkSpec = {
    name: 'lan',
    protocol: LAN_PROTOCOL,
    clientMode,
    accepts: (address) => isPrivate(address),
    peerInfoMapper: removePublicAddressesMapper,
    prefix: `${DATASTORE_PREFIX}-lan`,
    longestIntervalMs: maxAnnounceIntervalMs
  }
  const ipfs: NetworkSpec = {
    name: 'amino',
    protocol: AMINO_PROTOCOL,
    // its servers are to be reachable from everywhere and to stay; nobody asks that of who shares a file
    clientMode: true,
    accepts: (address) => !isPrivate(address),
    peerInfoMapper: removePrivateAddressesMapper,
    prefix: `${DATASTORE_PREFIX}-amino`,
    longestIntervalMs: AMINO_PROVIDE_INTERVAL_MS,
    firstIntervalMs: AMINO_PROVIDE_INTERVAL_MS
  }
  return [own, ...(lan ? [local] : []), ...(amino ? [ipfs] : [])]
}
