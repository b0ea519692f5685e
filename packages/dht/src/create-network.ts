import type { Multiaddr } from '@multiformats/multiaddr'
import type { KadDHTComponents } from '@libp2p/kad-dht'
import { createKad } from './kad.ts'
import { lookupCounters } from './metrics.ts'
import { createNameServer } from './names/create-names.ts'
import type { NameServer } from './names/name-server.ts'
import { Network } from './network.ts'
import type { NetworkInit } from './network.ts'
import type { NetworkSpec } from './networks.ts'
import type { DhtOptions } from './options.ts'
import { RpcClient } from './rpc/client.ts'
import { Contacts } from './rpc/contacts.ts'
import { FindNodeServer } from './server/find-node.ts'
import { RecordServer } from './server/record-server.ts'
import { MAX_RECORD_ADDRESSES } from './server/record.ts'
import type { PeerRecord } from './wire/messages.ts'

/** A network over libp2p: kad-dht's table, requests over streams, records of our own. */
export function createNetwork(
  components: KadDHTComponents,
  options: DhtOptions,
  spec: NetworkSpec,
  membership: NetworkInit['membership']
): { readonly network: Network; readonly names: NameServer } {
  const { peerId, peerStore, addressManager, connectionManager, logger } = components
  const contacts = new Contacts(peerId, spec.accepts)
  const kad = createKad(components, options, spec)
  const addresses = (): Multiaddr[] => addressManager.getAddresses().filter((address) => spec.accepts(address))
  const self = (): PeerRecord => ({
    id: peerId.toMultihash().bytes,
    multiaddrs: addresses()
      .slice(0, MAX_RECORD_ADDRESSES)
      .map((address) => Uint8Array.from(address.bytes))
  })
  const findNode = new FindNodeServer({ self: peerId, kad, peerStore, accepts: spec.accepts, selfRecord: self })
  const names = createNameServer(components, `${spec.prefix}/name`, async (sender, message) =>
    findNode.answer(sender, message)
  )
  const network = new Network({
    spec,
    self: peerId,
    kad,
    records: new RecordServer({
      components,
      protocol: spec.protocol,
      prefix: `${spec.prefix}/record`,
      findNode,
      // kad-dht's own handlers would take an older record of a name for a newer one
      others: async (sender, message) => (await names.answer(sender, message)) ?? kad.answer(sender, message),
      self
    }),
    rpc: new RpcClient({
      connectionManager,
      protocol: spec.protocol,
      contacts,
      signedAddresses: async (id) => {
        // a peer nobody has told of is in no store
        const { addresses: known } = await peerStore.get(id).catch(() => ({ addresses: [] }))
        return known.filter(({ isCertified }) => isCertified).map(({ multiaddr }) => multiaddr)
      },
      self,
      log: logger.forComponent(`p2pshare:dht:${spec.name}:rpc`)
    }),
    contacts,
    addresses,
    isConnected: () => connectionManager.getConnections().length > 0,
    membership,
    counters: components.metrics === undefined ? undefined : lookupCounters(components.metrics, spec.name)
  })
  return { network, names }
}
