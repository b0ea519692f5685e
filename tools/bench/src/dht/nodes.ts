import { createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { identify } from '@libp2p/identify'
import type { Identify } from '@libp2p/identify'
import type { Libp2p } from '@libp2p/interface'
import { kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import type { KadDHT } from '@libp2p/kad-dht'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import type { Ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import type { Multiaddr } from '@multiformats/multiaddr'
import { dht } from '@p2pshare/dht'
import type { Dht } from '@p2pshare/dht'
import { createLibp2p } from 'libp2p'

/** Whose DHT the nodes of a network have. */
export type Kind = 'p2pshare' | 'kad-dht'

// a type and not an interface: service maps have an index signature
// eslint-disable-next-line @typescript-eslint/consistent-type-definitions
export type Services = { readonly identify: Identify; readonly ping: Ping; readonly dht: Dht | KadDHT }
export type Node = Libp2p<Services>

/** Earlier nodes each one dials at first. */
const CONTACTS = 4

/** Bits of a table that both have, so that none is better for being told more. */
const PREFIX_BITS = 12

/** A node as an application has it, without limits that 100 nodes on one address would meet. */
async function startNode(kind: Kind): Promise<Node> {
  return createLibp2p<Services>({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: { denyDialMultiaddr: () => false },
    connectionManager: { inboundConnectionThreshold: 1e6, maxConnections: 1_000, maxIncomingPendingConnections: 1_000 },
    connectionMonitor: { enabled: false },
    services: {
      identify: identify(),
      ping: ping({ maxInboundStreams: 64, maxOutboundStreams: 64 }),
      dht: kind === 'p2pshare' ? dht() : stock()
    }
  })
}

function stock(): ReturnType<typeof kadDHT> {
  return kadDHT({
    protocol: '/bench/kad/1.0.0',
    clientMode: false,
    peerInfoMapper: passthroughMapper,
    prefixLength: PREFIX_BITS,
    allowQueryWithZeroPeers: true,
    initialQuerySelfInterval: 300
  })
}

/** Nodes that found each other, and for a share of them what is left when a machine hangs: a port that never answers. */
export interface Network {
  readonly live: readonly Node[]
  stop(): Promise<void>
}

export interface NetworkInit {
  readonly kind: Kind
  readonly nodes: number
  readonly blackHoles: number
  readonly settleMs: number
  /** In [0, 1). */
  readonly random: () => number
}

/** Start a network, let it settle, and let some of its nodes fall silent. */
export async function startNetwork({ kind, nodes, blackHoles, settleMs, random }: NetworkInit): Promise<Network> {
  const all: Node[] = []
  for (let n = 0; n < nodes; n++) {
    const node = await startNode(kind)
    const contacts = shuffle([...all], random).slice(0, CONTACTS)
    await Promise.all(contacts.map(async (contact) => meet(node, contact)))
    all.push(node)
  }
  await sleep(settleMs)
  const shuffled = shuffle([...all], random)
  const holes = await Promise.all(shuffled.slice(0, blackHoles).map(silence))
  // connections to them are closed everywhere
  await sleep(1_000)
  const live = shuffled.slice(blackHoles)
  return {
    live,
    stop: async () => {
      holes.forEach((hole) => hole.close())
      await Promise.all(live.map(async (node) => node.stop()))
    }
  }
}

/** On a busy machine a first try may run out of time. */
async function meet(node: Node, contact: Node): Promise<void> {
  try {
    await node.dial(addressOf(contact))
  } catch {
    await node.dial(addressOf(contact))
  }
}

function addressOf(node: Node): Multiaddr {
  const [address] = node.getMultiaddrs()
  if (address === undefined) {
    throw new Error('a node listens nowhere')
  }
  return address
}

/** Stop a node, and accept connections at its port without ever saying anything. */
async function silence(node: Node): Promise<Server> {
  const port = Number(/\/tcp\/(\d+)/u.exec(addressOf(node).toString())?.[1])
  await node.stop()
  const server = createServer((socket) => socket.on('error', () => undefined)).listen(port, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  if ((server.address() as AddressInfo).port !== port) {
    throw new Error('another port was taken')
  }
  return server
}

/** Fisher and Yates, in place. */
function shuffle<T>(list: T[], random: () => number): T[] {
  for (let n = list.length - 1; n > 0; n--) {
    const at = Math.floor(random() * (n + 1))
    const [a, b] = [list[n], list[at]] as [T, T]
    list[n] = b
    list[at] = a
  }
  return list
}
