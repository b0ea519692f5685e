import { kadDHT } from '@libp2p/kad-dht'
import type { ContentRouting, PeerDiscovery, PeerId, PeerRouting, Startable } from '@libp2p/interface'
import { contentRoutingSymbol, peerDiscoverySymbol, peerRoutingSymbol } from '@libp2p/interface'
import type { KadDHT, KadDHTComponents } from '@libp2p/kad-dht'
import {
  DISJOINT_PATHS,
  MAX_TABLE_CONTACTS,
  OWN_RECORD_SWEEP_INTERVAL_MS,
  OWN_RECORD_VALIDITY_MS,
  SELF_QUERY_INTERVAL_MS,
  TABLE_PREFIX_BITS
} from './constants.ts'
import { capGroups } from './table/cap-groups.ts'
import type { CappedTable } from './table/cap-groups.ts'
import type { NetworkSpec } from './networks.ts'
import type { DhtOptions } from './options.ts'
import type { Position } from './rules/position.ts'
import { nearest } from './table/nearest.ts'
import type { Bucket } from './table/nearest.ts'
import type { KadMessage } from './wire/messages.ts'

/** The part of `@libp2p/kad-dht` this package stands on: its table, and its answers to PING and about values. */
export interface Kad {
  /** Peers in the routing table. */
  tableSize(): number
  peers(): PeerId[]
  /** The nearest of the table, nearest first. */
  closest(position: Position, count: number): PeerId[]
  /** Take a peer out of the table; it is back when it is met again. Never rejects. */
  forget(peer: PeerId): Promise<void>
  /** Calls back whenever a peer joins the routing table, until the returned function is called. */
  onPeer(listener: () => void): () => void
  answer(sender: PeerId, message: KadMessage): Promise<KadMessage | undefined>
  start(): Promise<void>
  stop(): Promise<void>
  readonly contentRouting: ContentRouting
  readonly peerRouting: PeerRouting
  readonly peerDiscovery: PeerDiscovery
}

interface KadContact {
  readonly kadId: Uint8Array
  readonly peerId: PeerId
}

/** What `kadDHT()` returns beyond its declared type; the tests of real networks fail when an update changes it. */
interface KadInternals extends KadDHT, Startable {
  readonly routingTable: EventTarget &
    CappedTable & {
      readonly size: number
      remove(peer: PeerId): Promise<void>
      readonly kb: { readonly root: Bucket<KadContact>; toIterable(): Iterable<KadContact> }
    }
  readonly rpc: { handleMessage(peer: PeerId, message: KadMessage): Promise<KadMessage | undefined> }
  readonly [contentRoutingSymbol]: ContentRouting
  readonly [peerRoutingSymbol]: PeerRouting
  readonly [peerDiscoverySymbol]: PeerDiscovery
}

/** kad-dht with the options that make it fit for networks from two nodes up. */
export function createKad(components: KadDHTComponents, options: DhtOptions, network: NetworkSpec): Kad {
  const kad = kadDHT({
    protocol: network.protocol,
    // always: as a server it registers a handler that we replace, and left out it switches modes by itself
    clientMode: true,
    peerInfoMapper: network.peerInfoMapper,
    logPrefix: `p2pshare:dht:kad:${network.name}`,
    datastorePrefix: network.prefix,
    metricsPrefix: `p2pshare_dht_${network.name}`,
    prefixLength: TABLE_PREFIX_BITS,
    kBucketSize: MAX_TABLE_CONTACTS / 2 ** TABLE_PREFIX_BITS,
    disjointPaths: DISJOINT_PATHS,
    // otherwise the first query of a process waits for a walk of its own, without limit while the table is empty
    allowQueryWithZeroPeers: true,
    querySelfInterval: SELF_QUERY_INTERVAL_MS,
    networkDialTimeout: { minTimeout: options.minRequestTimeoutMs, maxTimeout: options.maxRequestTimeoutMs },
    // announcing is done here (provide/); kad-dht has nothing to announce
    reprovide: { threshold: 0, validity: OWN_RECORD_VALIDITY_MS, interval: OWN_RECORD_SWEEP_INTERVAL_MS }
  })(components) as KadInternals
  capGroups(kad.routingTable, components)

  return {
    tableSize: () => kad.routingTable.size,
    peers: () => [...kad.routingTable.kb.toIterable()].map(({ peerId }) => peerId),
    closest: (position, count) =>
      nearest(kad.routingTable.kb.root, toKadId(position), count).map(({ peerId }) => peerId),
    forget: async (peer) => kad.routingTable.remove(peer).catch(() => undefined),
    onPeer: (listener) => {
      kad.routingTable.addEventListener('peer:add', listener)
      return () => {
        kad.routingTable.removeEventListener('peer:add', listener)
      }
    },
    answer: async (sender, message) => kad.rpc.handleMessage(sender, message),
    start: async () => kad.start(),
    stop: async () => kad.stop(),
    contentRouting: kad[contentRoutingSymbol],
    peerRouting: kad[peerRoutingSymbol],
    peerDiscovery: kad[peerDiscoverySymbol]
  }
}

/** The bits behind the position decide nothing. */
function toKadId({ high, low }: Position): Uint8Array {
  const id = new Uint8Array(32)
  const view = new DataView(id.buffer)
  view.setUint32(0, high)
  view.setUint32(4, low)
  return id
}
