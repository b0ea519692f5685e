import { createTestnet } from '@p2pshare/testkit'
import type { TestNode, Testnet, TestnetInit, Topology } from '@p2pshare/testkit'
import type { Provider } from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'
import { gossip } from '../../src/index.ts'
import type { Gossip, GossipInit } from '../../src/index.ts'

// a type and not an interface: service maps have an index signature
// eslint-disable-next-line @typescript-eslint/consistent-type-definitions
type Services = { gossip: Gossip }
export type Net = Testnet<Services>
export type Node = TestNode<Services>
type Libp2pInit = NonNullable<TestnetInit<Services>['libp2p']>

/** One node for each options object. */
export async function createNet(
  inits: GossipInit[],
  topology: Topology = 'none',
  libp2p: Libp2pInit = () => ({})
): Promise<Net> {
  return createTestnet<Services>({
    nodes: inits.length,
    seed: 'gossip',
    topology,
    services: ({ index }) => ({ gossip: gossip(inits[index]) }),
    libp2p
  })
}

/** `count` nodes that know only the first, and know that all are alive. */
export async function createStar(count: number, init: GossipInit = {}): Promise<Net> {
  const net = await createNet(
    Array.from({ length: count }, () => init),
    'star'
  )
  await until(() => net.nodes.every((node) => alive(node).length === count - 1))
  return net
}

export function alive(node: Node): string[] {
  return node.services.gossip
    .members()
    .filter(({ state }) => state === 'alive')
    .map(({ id }) => id.toString())
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
  readonly providers: Provider[]
  /** Leave the topic. */
  stop(): Promise<void>
}

export function participate(node: Node, root: CID): Participant {
  const controller = new AbortController()
  const providers: Provider[] = []
  const ids: string[] = []
  const run = async (): Promise<void> => {
    for await (const provider of node.services.gossip.exchange(root, { signal: controller.signal })) {
      providers.push(provider)
      ids.push(provider.id.toString())
    }
  }
  const running = run()
  return {
    ids,
    providers,
    stop: async () => {
      controller.abort()
      await running
    }
  }
}

/** One after the other: two ends that close at the same time wait for each other until a time-out. */
export async function stopNet(net: Net): Promise<void> {
  for (const node of net.nodes) {
    await node.stop()
  }
}
