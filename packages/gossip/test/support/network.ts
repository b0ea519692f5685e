import { identify } from '@libp2p/identify'
import type { Libp2p } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { gossip } from '../../src/index.ts'
import type { Gossip, GossipInit } from '../../src/index.ts'

export type Node = Libp2p<{ gossip: Gossip }>

export async function createNode(init: GossipInit = {}): Promise<Node> {
  return createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: { inboundConnectionThreshold: Infinity, maxIncomingPendingConnections: 1_000 },
    services: { identify: identify(), gossip: gossip(init) }
  })
}

/** Look again at every turn of the event loop until `condition` holds; the test's own timeout bounds it. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise((resolve) => setImmediate(resolve))
  }
}

export async function take<T>(source: AsyncIterable<T>, count: number): Promise<T[]> {
  const found: T[] = []
  for await (const item of source) {
    if (found.push(item) === count) {
      break
    }
  }
  return found
}
