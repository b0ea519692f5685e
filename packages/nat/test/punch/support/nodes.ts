/* eslint-disable @nx/enforce-module-boundaries -- real nodes need real transports, which only tests may import here */
import { circuitRelayServer, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import type { Connection, Libp2p, Transport } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { datagramEndpointSymbol } from '@p2pshare/interface'
import type { DatagramEndpoint } from '@p2pshare/interface'
import { tcp } from '@p2pshare/transport-tcp'
import { udx } from '@p2pshare/transport-udx'
import { createLibp2p } from 'libp2p'
import { PunchCoordinator, classifyHost } from '../../../src/punch/index.ts'
import type { PunchInit } from '../../../src/punch/index.ts'
import type { NatClass, NatKnowledge } from '../../../src/types.ts'

export type PunchNode = Libp2p<{ punch: PunchCoordinator }>

/** Hosts of loopback other than the relay's stand for public ones. */
export function classifyLoopback(host: string): 'public' | 'private' | 'forbidden' {
  return host.startsWith('127.') ? 'public' : classifyHost(host)
}

export async function createRelay(): Promise<Libp2p> {
  return createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
    services: { identify: identify(), relay: circuitRelayServer() }
  })
}

/**
 * What a prober would have found: the listening socket as it is, or as `edit` has it; nothing, or nothing of TCP, before it was
 * asked `looks` times whether it still asks.
 */
export function knows(
  endpoint: () => DatagramEndpoint | undefined,
  edit: Partial<NatClass> = {},
  { looks = 0, of = 'all' }: { readonly looks?: number; readonly of?: 'all' | 'tcp' } = {}
): NatKnowledge {
  let left = looks
  const current = (family: 4 | 6): NatClass | undefined => {
    const [socket] = endpoint()?.sockets() ?? []
    if (family !== 4 || (left > 0 && of === 'all')) {
      return undefined
    }
    const { tcpOutside, ...rest } = edit
    return {
      family,
      udp: socket !== undefined,
      mapping: 'endpoint-independent',
      filtering: 'address-and-port-dependent',
      ...(socket === undefined ? {} : { outside: socket.local }),
      ...rest,
      ...(tcpOutside === undefined || left > 0 ? {} : { tcpOutside })
    }
  }
  return {
    current,
    get awaitsTcp() {
      return left-- > 0
    },
    learnOutside: async () => [current(4)].flatMap((found) => found ?? [])
  }
}

export interface NodeInit extends Omit<PunchInit, 'knowledge'> {
  readonly host: string
  readonly relay: Libp2p
  readonly udp?: boolean
  /** Port to listen on over TCP at `host`. */
  readonly tcpPort?: number
  readonly nat?: Partial<NatClass>
  /** The class of its NAT is known after so many looks. @default 0 */
  readonly looks?: number
  /** What is known after them. @default 'all' */
  readonly looksFor?: 'all' | 'tcp'
}

/** A node at a host of loopback that others meet over the relay. */
export async function createPunchNode({
  host,
  relay,
  udp = true,
  tcpPort,
  nat,
  looks = 0,
  looksFor = 'all',
  ...init
}: NodeInit): Promise<PunchNode> {
  const [relayAddress] = relay.getMultiaddrs()
  const node = await createLibp2p({
    addresses: {
      listen: [
        `${String(relayAddress)}/p2p-circuit`,
        ...(udp ? [`/ip4/${host}/udp/0/utp`] : []),
        ...(tcpPort === undefined ? [] : [`/ip4/${host}/tcp/${tcpPort}`])
      ]
    },
    transports: [tcp(), circuitRelayTransport(), ...(udp ? [udx()] : [])],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
    services: {
      identify: identify(),
      punch: (components: ConstructorParameters<typeof PunchCoordinator>[0]) =>
        new PunchCoordinator(components, {
          classify: classifyLoopback,
          networks: () => [{ host, family: 4, prefix: 32 }],
          knowledge: knows(() => find(components.transportManager.getTransports()), nat, { looks, of: looksFor }),
          ...init
        })
    }
  })
  return node
}

function find(transports: readonly Transport[]): DatagramEndpoint | undefined {
  for (const transport of transports) {
    const endpoint = (transport as unknown as Record<symbol, unknown>)[datagramEndpointSymbol]
    if (endpoint !== undefined) {
      return endpoint as DatagramEndpoint
    }
  }
  return undefined
}

/** Dial a node through the relay, and nothing else. */
export async function meet(from: Libp2p, relay: Libp2p, to: Libp2p): Promise<Connection> {
  return from.dial(multiaddr(`${String(relay.getMultiaddrs()[0])}/p2p-circuit/p2p/${to.peerId.toString()}`))
}
