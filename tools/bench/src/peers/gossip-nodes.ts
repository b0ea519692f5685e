// Several nodes of gossip and nothing else in one process: tcp, noise, yamux, identify. It is told what to do by its parent.
import { identify } from '@libp2p/identify'
import type { Libp2p } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { gossip } from '@p2pshare/gossip'
import type { Gossip, GossipInit } from '@p2pshare/gossip'
import { createLibp2p } from 'libp2p'
import { CID } from 'multiformats/cid'
import type { Answer, Answers, Envelope, NodeAddress, Order, Seen } from '../gossip/orders.ts'

type Node = Libp2p<{ gossip: Gossip }>

/** What is announced is by name. */
const ROOT = CID.parse('bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku')

const CHANGES = ['join', 'leave', 'suspect', 'alive', 'dead'] as const

const nodes: Node[] = []
/** By node: what was announced to it. */
const heard: Set<string>[] = []
let seen: Seen[] = []
let opened = 0

process.on('message', ({ number, order }: Envelope) => {
  const answer = (rest: Omit<Answer, 'number'>): void => void process.send?.({ number, ...rest })
  obey(order).then(
    (value) => {
      answer({ value })
    },
    (error: unknown) => {
      answer({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    }
  )
})
process.on('disconnect', () => process.exit(0))

async function obey(order: Order): Promise<Answers[keyof Answers]> {
  switch (order.type) {
    case 'start':
      return start(order.count, order.profile)
    case 'join': {
      const at = Date.now()
      const startedAt = performance.now()
      await nodeAt(order.node).dial(multiaddr(order.address))
      return { at, dialMs: performance.now() - startedAt }
    }
    case 'leave': {
      const at = Date.now()
      await nodeAt(order.node).stop()
      return at
    }
    case 'collect': {
      const stats = nodes.map((node) => node.services.gossip.stats())
      const links = stats.map((each) => each.links)
      const answered = stats.reduce((sum, { acks }) => sum + acks, 0)
      const rttMs = nodes.flatMap((node) => node.services.gossip.members().flatMap((member) => member.rttMs ?? []))
      const answer = { seen, opened, answered, links, rttMs }
      seen = []
      return answer
    }
    case 'live':
      return nodes.map((node) => {
        const states = node.services.gossip.members().map(({ state }) => state)
        const count = (of: string): number => states.filter((state) => state === of).length
        return { alive: count('alive'), suspected: count('suspect') }
      })
    case 'say':
      await nodeAt(order.node).services.gossip.announce(ROOT, { name: order.name })
      return true
    case 'heard':
      return heard.map((names) => [...names])
  }
}

async function start(count: number, profile: string): Promise<NodeAddress[]> {
  for (let n = 0; n < count; n++) {
    const node = await createNode(profile)
    nodes.push(node)
    void listen(node)
  }
  return nodes.map((node) => ({ id: node.peerId.toString(), address: node.getMultiaddrs()[0]?.toString() ?? '' }))
}

async function listen(node: Node): Promise<void> {
  const names = new Set<string>()
  heard.push(names)
  for await (const { name } of node.services.gossip.announcements()) {
    names.add(name ?? '')
  }
}

async function createNode(profile: string): Promise<Node> {
  const node = (await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    // a hundred nodes on one address are not an attack here
    connectionManager: {
      inboundConnectionThreshold: 1000,
      maxIncomingPendingConnections: 1000,
      // a network that forms at once on two cores: handshakes that time out and begin anew would never end
      dialTimeout: 60_000,
      addressDialTimeout: 60_000,
      inboundUpgradeTimeout: 60_000
    },
    services: {
      identify: identify(),
      gossip: gossip({ profile: profile as NonNullable<GossipInit['profile']>, network: 'bench' })
    }
  })) as unknown as Node
  const viewer = node.peerId.toString()
  for (const change of CHANGES) {
    node.services.gossip.addEventListener(`member:${change}`, ({ detail: { id, hops = 0 } }) => {
      seen.push({ viewer, subject: id.toString(), change, at: Date.now(), hops })
    })
  }
  node.addEventListener('connection:open', ({ detail }) => {
    opened += detail.direction === 'outbound' ? 1 : 0
  })
  return node
}

function nodeAt(index: number): Node {
  const node = nodes[index]
  if (node === undefined) {
    throw new RangeError(`no node ${index}`)
  }
  return node
}
