import type { ExchangeOptions, SharePeer } from '@p2pshare/interface'
import { createTestnet } from '@p2pshare/testkit'
import type { TestNode, Testnet, Topology } from '@p2pshare/testkit'
import type { CID } from 'multiformats/cid'
import { ShareTopics } from '../../src/topics/share-topics.ts'
import type { ShareTopicsComponents, ShareTopicsInit } from '../../src/topics/share-topics.ts'

// a type and not an interface: service maps have an index signature
// eslint-disable-next-line @typescript-eslint/consistent-type-definitions
type Services = { topics: ShareTopics }
export type Net = Testnet<Services>
export type Node = TestNode<Services>

export const DEFAULTS: ShareTopicsInit = {
  announceIntervalMs: 60_000,
  maxShares: 512,
  leaveTimeoutMs: 500,
  ipColocationWeight: 0
}

/** One node for each options object, with the topics and nothing else. */
export async function createNet(inits: Partial<ShareTopicsInit>[], topology: Topology = 'none'): Promise<Net> {
  return createTestnet<Services>({
    nodes: inits.length,
    seed: 'topics',
    topology,
    services: ({ index }) => ({
      topics: (components: ShareTopicsComponents) => new ShareTopics(components, { ...DEFAULTS, ...inits[index] })
    })
  })
}

/** Look again every millisecond until `condition` holds; the test's own timeout bounds it. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

/** A node in the topic of a share. */
export interface Participant {
  /** Ids in the order in which they came. */
  readonly ids: string[]
  readonly peers: SharePeer[]
  /** Leave the topic. */
  stop(): Promise<void>
}

export function participate(node: Node, root: CID, have?: ExchangeOptions['have']): Participant {
  const controller = new AbortController()
  const peers: SharePeer[] = []
  const ids: string[] = []
  const run = async (): Promise<void> => {
    const options = { signal: controller.signal, ...(have === undefined ? {} : { have }) }
    for await (const peer of node.services.topics.exchange(root, options)) {
      peers.push(peer)
      ids.push(peer.id.toString())
    }
  }
  const running = run()
  return {
    ids,
    peers,
    stop: async () => {
      controller.abort()
      await running
    }
  }
}

export async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of source) {
    found.push(item)
  }
  return found
}

/** One after the other: two ends that close at the same time wait for each other until a time-out. */
export async function stopNet(net: Net): Promise<void> {
  for (const node of net.nodes) {
    await node.stop()
  }
}
