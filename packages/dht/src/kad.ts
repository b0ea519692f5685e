import { kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import type {
  AbortOptions,
  ContentRouting,
  PeerDiscovery,
  PeerId,
  PeerInfo,
  PeerRouting,
  Startable
} from '@libp2p/interface'
import { contentRoutingSymbol, peerDiscoverySymbol, peerRoutingSymbol } from '@libp2p/interface'
import type { KadDHT, KadDHTComponents, QueryEvent } from '@libp2p/kad-dht'
import type { CID } from 'multiformats/cid'
import {
  DATASTORE_PREFIX,
  DISJOINT_PATHS,
  OWN_RECORD_SWEEP_INTERVAL_MS,
  OWN_RECORD_VALIDITY_MS,
  SELF_QUERY_INTERVAL_MS,
  TABLE_PREFIX_BITS
} from './constants.ts'
import type { DhtOptions } from './options.ts'
import { RecordServer } from './server/record-server.ts'
import type { KadMessage } from './wire/messages.ts'

/** The part of `@libp2p/kad-dht` this package stands on. Nothing else here touches it. */
export interface Kad {
  provide(root: CID, options: AbortOptions): AsyncIterable<QueryEvent>
  findProviders(root: CID, options: AbortOptions): AsyncIterable<QueryEvent>
  cancelReprovide(root: CID, options?: AbortOptions): Promise<void>
  /** Providers that others told this node of. */
  localProviders(root: CID): Promise<PeerInfo[]>
  tableSize(): number
  /** Calls back whenever a peer joins the routing table, until the returned function is called. */
  onPeer(listener: () => void): () => void
  start(): Promise<void>
  stop(): Promise<void>
  readonly contentRouting: ContentRouting
  readonly peerRouting: PeerRouting
  readonly peerDiscovery: PeerDiscovery
}

/** What `kadDHT()` returns beyond its declared type; dht.test.ts fails when an update changes it. */
interface KadInternals extends KadDHT, Startable {
  readonly routingTable: EventTarget & { readonly size: number }
  readonly rpc: { handleMessage(peer: PeerId, message: KadMessage): Promise<KadMessage | undefined> }
  readonly [contentRoutingSymbol]: ContentRouting
  readonly [peerRoutingSymbol]: PeerRouting
  readonly [peerDiscoverySymbol]: PeerDiscovery
}

/** kad-dht with the options that make it fit for networks from two nodes up. */
export function createKad(components: KadDHTComponents, options: DhtOptions): Kad {
  const kad = kadDHT({
    protocol: options.protocol,
    // set in both cases: left out, kad-dht switches modes by itself and drops its handler while doing so
    clientMode: options.clientMode,
    // nodes on one LAN or one machine must find each other
    peerInfoMapper: passthroughMapper,
    logPrefix: 'p2pshare:dht:kad',
    datastorePrefix: DATASTORE_PREFIX,
    metricsPrefix: 'p2pshare_dht',
    prefixLength: TABLE_PREFIX_BITS,
    disjointPaths: DISJOINT_PATHS,
    // otherwise the first query of a process waits for a walk of its own, without limit while the table is empty
    allowQueryWithZeroPeers: true,
    querySelfInterval: SELF_QUERY_INTERVAL_MS,
    networkDialTimeout: { minTimeout: options.minRequestTimeoutMs, maxTimeout: options.maxRequestTimeoutMs },
    // announcing again is done here (announcer.ts); kad-dht only removes what others left behind
    reprovide: { threshold: 0, validity: OWN_RECORD_VALIDITY_MS, interval: OWN_RECORD_SWEEP_INTERVAL_MS }
  })(components) as KadInternals
  const records = new RecordServer({
    components,
    protocol: options.protocol,
    prefix: `${DATASTORE_PREFIX}/record`,
    others: async (sender, message) => kad.rpc.handleMessage(sender, message)
  })

  return {
    provide: async function* (root, { signal }) {
      const { addressManager, peerId, peerStore } = components
      // libp2p notes its own addresses a second late; until then an answer with our own record in it fails as a whole
      await peerStore.patch(peerId, { multiaddrs: addressManager.getAddresses() })
      records.provide(root)
      yield* kad.provide(root, signal === undefined ? {} : { signal })
    },
    findProviders: (root, { signal }) => kad.findProviders(root, signal === undefined ? {} : { signal }),
    cancelReprovide: async (root, callOptions) => {
      records.unprovide(root)
      await kad.cancelReprovide(root, callOptions)
    },
    localProviders: async (root) => records.local(root),
    tableSize: () => kad.routingTable.size,
    onPeer: (listener) => {
      kad.routingTable.addEventListener('peer:add', listener)
      return () => {
        kad.routingTable.removeEventListener('peer:add', listener)
      }
    },
    start: async () => {
      await forgetOwnRecords(components.datastore, components.peerId)
      await kad.start()
      if (!options.clientMode) {
        await records.start()
      }
    },
    stop: async () => {
      await kad.stop()
      if (!options.clientMode) {
        await records.stop()
      }
      // kad-dht leaves its handler behind
      await components.registrar.unhandle(options.protocol)
    },
    contentRouting: kad[contentRoutingSymbol],
    peerRouting: kad[peerRoutingSymbol],
    peerDiscovery: kad[peerDiscoverySymbol]
  }
}

/**
 * A persistent datastore still holds what an earlier run announced, and kad-dht would announce it for ever. What is
 * wanted now is what `provide()` was called for in this run.
 */
async function forgetOwnRecords(datastore: KadDHTComponents['datastore'], self: PeerId): Promise<void> {
  const suffix = `/${self.toString()}`
  for await (const key of datastore.queryKeys({ prefix: `${DATASTORE_PREFIX}/provider/` })) {
    if (key.toString().endsWith(suffix)) {
      await datastore.delete(key)
    }
  }
}
