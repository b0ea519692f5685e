import { ping } from '@libp2p/ping'
import type { Ping } from '@libp2p/ping'
import { createTestnet } from '@p2pshare/testkit'
import type { TestNode, Testnet, TestnetInit, Topology } from '@p2pshare/testkit'
import { dht } from '../../src/index.ts'
import type { Dht, DhtInit } from '../../src/index.ts'

// a type and not an interface: service maps have an index signature
// eslint-disable-next-line @typescript-eslint/consistent-type-definitions
type Services = { ping: Ping; dht: Dht }
export type Net = Testnet<Services>
export type Node = TestNode<Services>

type Libp2pInit = NonNullable<TestnetInit<Services>['libp2p']>

/** One node for each options object. */
export async function createNet(
  inits: DhtInit[],
  topology: Topology = 'none',
  libp2p: Libp2pInit = () => ({})
): Promise<Net> {
  return createTestnet<Services>({
    nodes: inits.length,
    seed: 'dht',
    topology,
    services: ({ index }) => ({ ping: ping(), dht: dht(inits[index]) }),
    libp2p
  })
}

/** `count` nodes; all but the first know only the first, as nodes with one bootstrap address do. */
export async function createStar(count: number): Promise<Net> {
  const net = await createNet(
    Array.from({ length: count }, () => ({})),
    'star'
  )
  await until(() => net.nodes.every((node) => node.services.dht.tableSize() > 0))
  return net
}

/** Look again at every turn of the event loop until `condition` holds; the test's own timeout bounds it. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise((resolve) => setImmediate(resolve))
  }
}

export async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
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
