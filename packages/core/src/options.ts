import { ping } from '@libp2p/ping'
import type { AbortOptions } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { dht } from '@p2pshare/dht'
import type { DhtInit } from '@p2pshare/dht'
import { gossip } from '@p2pshare/gossip'
import type { GossipInit } from '@p2pshare/gossip'
import { InvalidOptionError } from '@p2pshare/interface'
import { natServices } from '@p2pshare/nat'
import type { NatInit } from '@p2pshare/nat'
import { transfer } from '@p2pshare/transfer'
import type { TransferInit } from '@p2pshare/transfer'
import type { Libp2pInit, ServiceFactoryMap } from 'libp2p'
import { bootstrap } from './bootstrap.ts'
import type { DataDirectory } from './data-directory.ts'
import { deferredDiscovery } from './deferred-discovery.ts'
import { DialGate } from './dial-gate/dial-gate.ts'
import type { DialGateInit } from './dial-gate/dial-gate.ts'
import { gatedBy, gatedDiscovery, gatedTransport } from './dial-gate/gated.ts'
import { dialGateService } from './dial-gate/service.ts'
import { CONNECTIONS, CONNECTION_MONITOR, LISTEN, MAX_PINGS, NODE_INFO, PEER_ADDRESSES } from './defaults.ts'
import { lazyLogger } from './lazy-logger.ts'
import type { PrivateNetworkInit, Protector } from './private-network/protector.ts'
import { defaultConnectionEncrypters, defaultStreamMuxers, defaultTransports } from './transports.ts'
import type { LightServices, NodeServices } from './types.ts'

/** Options of transfer that are options of the node as well: what a person in front of it sets. */
type SharedWithTransfer = 'uploadBytesPerSecond' | 'downloadBytesPerSecond' | 'workers'

/**
 * Every option of `createLibp2p()` is one here, under the same name. A list (`transports`, `connectionEncrypters`,
 * `streamMuxers`) replaces ours, which the `default…()` functions give; an object (`addresses`, `connectionManager`,
 * `nodeInfo`) is laid over ours; `peerDiscovery` is added to mDNS.
 */
export interface NodeOptions
  extends Omit<Libp2pInit, 'services'>, Pick<TransferInit, SharedWithTransfer>, AbortOptions {
  /**
   * Directory for identity, datastore and the state of shares. Several processes may use one; the second is a peer of
   * its own (`node.notices`). Without it nothing is kept: a new peer each time, shares and downloads forgotten.
   */
  home?: string

  /**
   * Multiaddrs to listen on. An empty list only dials.
   *
   * @default ['/ip4/0.0.0.0/tcp/0', '/ip6/::/tcp/0', '/ip4/0.0.0.0/udp/0/utp', '/ip6/::/udp/0/utp']
   */
  listen?: readonly string[]

  /** Multiaddrs to give to others instead of those that were found, for example of a forwarded port. */
  announce?: readonly string[]

  /** Multiaddrs of peers to join the network through. They are dialled until they answer, and again when lost. */
  bootstrap?: readonly string[]

  /**
   * Find peers on the local network, and be found there. Sends a multicast packet every ten seconds.
   *
   * @default true
   */
  mdns?: boolean

  /**
   * What keeps peers from sending this node where no peers are: see the guide. `false`: any address is dialled.
   *
   * @default {}
   */
  dialGate?: DialGateInit | false

  /**
   * Only nodes with the same key can connect: a second encryption lies below that of each connection. Channels beside
   * connections, which are not protected so, are not used then.
   */
  privateNetwork?: PrivateNetworkInit

  /** Options of the DHT. */
  dht?: DhtInit

  /** Options of membership and topics. */
  gossip?: GossipInit

  /** Options of reachability and relays. */
  nat?: NatInit

  /** Options of the transfer protocol and its stores. `directory` is in `home` unless given. */
  transfer?: TransferInit

  /** Services of your own. One with the name of ours (`dht`, `gossip`, `nat`, `transfer` ...) takes its place. */
  services?: ServiceFactoryMap
}

/** Just what `createLibp2p()` takes, with the services that a node is made of. */
export interface LightNodeOptions<Services extends LightServices> extends Omit<Libp2pInit, 'services'>, AbortOptions {
  services: ServiceFactoryMap<Services>
}

/** The node that `createNode()` means, in libp2p's terms. Opens nothing; throws `InvalidOptionError`. */
export function toLibp2pInit(
  options: NodeOptions,
  home: DataDirectory | undefined,
  protector?: Protector
): Libp2pInit<NodeServices> {
  const {
    home: _home,
    signal: _signal,
    listen = LISTEN,
    announce = [],
    bootstrap: join = [],
    mdns: useMdns = true,
    dialGate: gateInit = {},
    privateNetwork: _privateNetwork,
    uploadBytesPerSecond,
    downloadBytesPerSecond,
    workers,
    ...rest
  } = options
  const { dht: dhtInit, gossip: gossipInit, nat: natInit, transfer: transferInit, services, ...libp2pInit } = rest
  const joined = parseAddresses('bootstrap', join)
  const named = [...parseAddresses('listen', listen), ...parseAddresses('announce', announce), ...joined]
  const gate = gateInit === false ? undefined : new DialGate({ ...gateInit, named })
  const ours: ServiceFactoryMap<NodeServices> = {
    ...natServices(natInit),
    bootstrap: bootstrap(joined),
    // paths, relays and the DHT all ping, maybe at once: libp2p's limit of one stream makes the DHT drop the peer
    ping: ping({ maxInboundStreams: MAX_PINGS, maxOutboundStreams: MAX_PINGS }),
    // shares are announced when the node starts; what an earlier run shared may be gone
    dht: dht({ resume: false, ...dhtInit }),
    gossip: gossip({ version: NODE_INFO.version, ...gossipInit }),
    transfer: transfer({
      ...(home === undefined ? {} : { directory: home.sharesDirectory }),
      ...(uploadBytesPerSecond === undefined ? {} : { uploadBytesPerSecond }),
      ...(downloadBytesPerSecond === undefined ? {} : { downloadBytesPerSecond }),
      ...(workers === undefined ? {} : { workers }),
      ...transferInit
    })
  }
  const { transports = defaultTransports(), connectionGater } = libp2pInit
  const mdnsDiscovery = deferredDiscovery(async () => (await import('@libp2p/mdns')).mdns())
  return {
    ...(home?.owned ?? {}),
    logger: lazyLogger(),
    connectionEncrypters: defaultConnectionEncrypters(),
    streamMuxers: defaultStreamMuxers(),
    ...libp2pInit,
    transports: gate === undefined ? transports : transports.map((each) => gatedTransport(gate, each)),
    ...(gate === undefined ? {} : { connectionGater: gatedBy(gate, connectionGater) }),
    ...(protector === undefined ? {} : { connectionProtector: protector }),
    addresses: { listen: [...listen], announce: [...announce], ...libp2pInit.addresses },
    connectionManager: { ...CONNECTIONS, ...libp2pInit.connectionManager },
    connectionMonitor: { ...CONNECTION_MONITOR, ...libp2pInit.connectionMonitor },
    peerStore: { ...PEER_ADDRESSES, ...libp2pInit.peerStore },
    nodeInfo: { ...NODE_INFO, ...libp2pInit.nodeInfo },
    peerDiscovery: [
      ...(useMdns ? [gate === undefined ? mdnsDiscovery : gatedDiscovery(gate, mdnsDiscovery)] : []),
      ...(libp2pInit.peerDiscovery ?? [])
    ],
    services: { ...ours, ...(gate === undefined ? {} : { dialGate: dialGateService(gate) }), ...services }
  }
}

function parseAddresses(option: string, addresses: readonly string[]): Multiaddr[] {
  return addresses.map((address) => {
    try {
      return multiaddr(address)
    } catch (cause) {
      throw new InvalidOptionError(option, `${JSON.stringify(address)} is not a multiaddr`, { cause })
    }
  })
}
