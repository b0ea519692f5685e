import { tcp } from '@libp2p/tcp'
import { MemoryDatastore } from 'datastore-core'
import { afterEach, expect, test } from 'vitest'
import type { TraceEvent } from '../../src/index.ts'
import { LAN_PROTOCOL } from '../../src/index.ts'
import { collect, createNet, createStar, stopNet, until } from '../support/network.ts'
import type { Net, Node } from '../support/network.ts'
import { rootOf } from '../support/roots.ts'

const root = rootOf(1)

let net: Net

afterEach(async () => stopNet(net))

/** It goes on taking connections and streams, and never answers again. */
async function silence(node: Node, protocol: string): Promise<void> {
  await node.unhandle(protocol)
  await node.handle(protocol, () => undefined, { maxInboundStreams: 1_000 })
}

test('among 25 nodes, four of them black holes, records are put and found in less than the time one of them costs', async () => {
  net = await createStar(25)
  const [, provider, finder] = net.nodes as [Node, Node, Node]
  const { protocol } = provider.services.dht
  await Promise.all([5, 10, 15, 20].map(async (at) => silence(net.node(at), protocol)))
  await provider.services.dht.provide(root)
  expect(provider.services.dht.announcements()).toMatchObject([{ state: 'announced' }])
  for await (const found of finder.services.dht.findProviders(root)) {
    expect(found.id.equals(provider.peerId)).toBe(true)
    break
  }
  await until(() => (provider.services.dht.announcements()[0]?.holders ?? 0) >= 12)
  const [status] = provider.services.dht.status().networks
  expect(status?.lookups).toMatchObject({ provides: 1, finds: 0, alarms: 0 })
  expect(status?.lookups.messages).toBeLessThanOrEqual(70)
  const held = net.nodes.filter((node) => (node.services.dht.status().networks[0]?.records.count ?? 0) > 0)
  expect(held.length).toBeGreaterThanOrEqual(12)
}, 60_000)

test('a trace says what was asked, answered and found, and why it ended', async () => {
  net = await createStar(8)
  const [, provider, finder] = net.nodes as [Node, Node, Node]
  await provider.services.dht.provide(root)
  const events: TraceEvent[] = await collect(finder.services.dht.trace(root))
  expect(events[0]).toMatchObject({ name: 'start', kind: 'find', network: 'own', from: 'table' })
  expect(events.at(-1)).toMatchObject({ name: 'end', why: 'exhausted' })
  expect(events.some((event) => event.name === 'provider' && event.id.equals(provider.peerId))).toBe(true)
  const asked = events.filter(({ name }) => name === 'ask').length
  expect(events.filter(({ name }) => name === 'answer' || name === 'failed')).toHaveLength(asked)
  for await (const { name } of finder.services.dht.trace(root, { kind: 'provide' })) {
    if (name === 'acked') {
      break
    }
  }
})

test('a node that restarts goes on announcing what it announced, until that is cancelled', async () => {
  const datastore = new MemoryDatastore()
  const withDisk = ({ index }: { index: number }): object => (index === 1 ? { datastore } : {})
  net = await createNet([{}, {}], 'star', withDisk)
  await net.node(1).services.dht.provide(root)
  await stopNet(net)

  net = await createNet([{}, {}], 'star', withDisk)
  const [hub, provider] = net.nodes as [Node, Node]
  await until(() => provider.services.dht.announcements()[0]?.state === 'announced')
  expect(await collect(hub.services.dht.findProviders(root))).toHaveLength(1)
  await provider.services.dht.cancelProvide(root)
  await stopNet(net)

  net = await createNet([{}, {}], 'star', withDisk)
  expect(net.node(1).services.dht.announcements()).toEqual([])
})

test('networks side by side: who shares only the LAN one finds what is announced there', async () => {
  const overTcp = (): object => ({ addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] }, transports: [tcp()] })
  net = await createNet([{ lan: true }, { lan: true, protocol: '/test/kad/1.0.0' }], 'none', overTcp)
  const [provider, finder] = net.nodes as [Node, Node]
  await finder.dial(provider.getMultiaddrs())
  await until(() => finder.services.dht.tableSize() > 0)
  await provider.services.dht.provide(root)
  const announced = (): string[] =>
    provider.services.dht.announcements().map(({ network, state }) => `${network} ${state}`)
  await until(() => announced().includes('lan announced'))
  expect(announced()).toEqual(['own due', 'lan announced'])
  expect(provider.services.dht.status().networks.map(({ name, protocol }) => [name, protocol])).toEqual([
    ['own', '/p2pshare/kad/1.0.0'],
    ['lan', LAN_PROTOCOL]
  ])
  const found = await collect(finder.services.dht.findProviders(root, { timeoutMs: 1_000 }))
  expect(found.map(({ id }) => id.toString())).toEqual([provider.peerId.toString()])
})

test('connect dials the first provider that answers, and tells nobody when there is none', async () => {
  net = await createStar(5)
  const [hub, provider, gone] = net.nodes as [Node, Node, Node]
  await Promise.all([provider, gone].map(async (node) => node.services.dht.provide(root)))
  await gone.stop()
  const connection = await hub.services.dht.connect(root)
  expect(connection?.remotePeer.equals(provider.peerId)).toBe(true)
  expect(await hub.services.dht.connect(rootOf(2))).toBeUndefined()
})

test('twelve roots at once are announced together, and each is found', async () => {
  net = await createStar(8)
  const [, provider, finder] = net.nodes as [Node, Node, Node]
  const roots = Array.from({ length: 12 }, (_, at) => rootOf(at))
  await Promise.all(roots.map(async (each) => provider.services.dht.provide(each)))
  for (const each of roots) {
    expect(await collect(finder.services.dht.findProviders(each))).toHaveLength(1)
  }
})
