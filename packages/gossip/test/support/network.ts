import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { createTestnet } from '@p2pshare/testkit'
import type { TestNode, Testnet, TestnetInit, Topology } from '@p2pshare/testkit'
import type { Member, MemberState, MembershipEvents } from '@p2pshare/interface'
import { gossip } from '../../src/index.ts'
import type { Gossip, GossipInit } from '../../src/index.ts'
import { membershipProtocol } from '../../src/members/constants.ts'

// a type and not an interface: service maps have an index signature
// eslint-disable-next-line @typescript-eslint/consistent-type-definitions
type Services = { gossip: Gossip }
export type Net = Testnet<Services>
export type Node = TestNode<Services>
type Libp2pInit = NonNullable<TestnetInit<Services>['libp2p']>

export const MEMBERSHIP = membershipProtocol('')

/** Real sockets and real encryption: a connection that ends does so as it would between hosts. */
export const onTcp: Libp2pInit = () => ({
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  // all nodes are on one host here
  connectionManager: { inboundConnectionThreshold: Infinity }
})

/** One node for each options object, in the local profile; one that is added later has its defaults. */
export async function createNet(
  inits: GossipInit[],
  topology: Topology = 'none',
  libp2p: Libp2pInit = () => ({})
): Promise<Net> {
  return createTestnet<Services>({
    nodes: inits.length,
    seed: 'gossip',
    topology,
    services: ({ index }) => ({ gossip: gossip({ profile: 'local', ...inits[index] }) }),
    libp2p: (context) => ({ ...onTcp(context), ...libp2p(context) })
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

export function seenBy(node: Node, other: Node): Member | undefined {
  return node.services.gossip.member(other.peerId)
}

/** Resolves when each of `nodes` but `other` itself sees it so. */
export async function all(nodes: readonly Node[], other: Node, state: MemberState): Promise<void> {
  await until(() => nodes.every((node) => node === other || seenBy(node, other)?.state === state))
}

/** What a node is told of others from now on. */
export function eventsOf(node: Node): { type: string; member: Member; atMs: number }[] {
  const events: { type: string; member: Member; atMs: number }[] = []
  const types: (keyof MembershipEvents)[] = [
    'member:join',
    'member:leave',
    'member:suspect',
    'member:alive',
    'member:dead',
    'member:update'
  ]
  for (const type of types) {
    node.services.gossip.addEventListener(type, ({ detail }) => {
      events.push({ type, member: detail, atMs: Date.now() })
    })
  }
  return events
}

/** Look again every millisecond until `condition` holds; the test's own timeout bounds it. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

/** One after the other: two ends that close at the same time wait for each other until a time-out. */
export async function stopNet(net: Net): Promise<void> {
  for (const node of net.nodes) {
    await node.stop()
  }
}
