import { createTestnet } from '@p2pshare/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { convergence } from '../../src/index.ts'
import {
  MEMBERSHIP,
  alive,
  all,
  createNet,
  createStar,
  eventsOf,
  onTcp,
  seenBy,
  stopNet,
  until
} from '../support/network.ts'
import type { Net, Node } from '../support/network.ts'

const typesOf = (events: readonly { type: string }[]): string[] => events.map(({ type }) => type)

describe('eight nodes of which all know only the first', () => {
  let net: Net
  let hub: Node, one: Node, other: Node
  const others = (gone: Node): Node[] => net.nodes.filter((node) => node !== gone)

  beforeAll(async () => {
    net = await createStar(8)
    ;[hub, one, other] = [net.node(0), net.node(1), net.node(2)]
  })
  afterAll(async () => stopNet(net))

  test('all know all, nobody knows itself, and links are few', () => {
    for (const node of net.nodes) {
      expect(alive(node)).toHaveLength(7)
      expect(alive(node)).not.toContain(node.peerId.toString())
      expect(node.services.gossip.stats().links).toBeLessThanOrEqual(7)
    }
  })

  test('a newcomer is known to all, can dial all, and what it says about itself is heard, also when it changes', async () => {
    const newcomer = await net.add()
    await net.connect(newcomer, hub)
    await all(net.nodes, newcomer, 'alive')
    await until(() => alive(newcomer).length === 8)
    const addresses = newcomer.getMultiaddrs().map(String)
    expect(seenBy(other, newcomer)?.metadata?.addresses.map(String)).toEqual(addresses)
    expect(seenBy(other, newcomer)?.metadata?.roles).toEqual([])
    await until(() => (seenBy(newcomer, other)?.metadata?.addresses.length ?? 0) > 0)
    const connection = await newcomer.dial(other.peerId)
    expect(connection.remotePeer.equals(other.peerId)).toBe(true)

    const events = eventsOf(other)
    newcomer.services.gossip.setMetadata({ roles: ['seed'], load: 40 })
    await until(() => others(newcomer).every((node) => seenBy(node, newcomer)?.metadata?.load === 40))
    expect(seenBy(one, newcomer)?.metadata).toMatchObject({ roles: ['seed'], load: 40 })
    await until(() => typesOf(events).includes('member:update'))
    expect(() => newcomer.services.gossip.setMetadata({ load: 101 })).toThrow(
      expect.objectContaining({ name: 'InvalidOptionError' })
    )
  })

  test('a node that hears nothing is suspected by all, and refutes it when it hears again', async () => {
    const before = seenBy(other, one)?.incarnation ?? Infinity
    const events = others(one).map((node) => eventsOf(node))
    const wake = stall(one)
    await until(() => events.every((each) => each.some(({ member }) => member.state === 'suspect')))
    wake()
    await until(() => others(one).every((node) => (seenBy(node, one)?.incarnation ?? 0) > before))
    await all(others(one), one, 'alive')
    expect(events.flatMap(typesOf)).not.toContain('member:leave')
  })

  test('a node that stops has left for all, by its own word, in few rounds', async () => {
    const events = others(one).map((node) => eventsOf(node))
    const startMs = Date.now()
    await one.stop()
    await all(others(one), one, 'left')
    const seen = events.flatMap((each) => each.find(({ type }) => type === 'member:leave') ?? [])
    expect(seen.every(({ member }) => member.id.equals(one.peerId))).toBe(true)
    const observations = seen.map(({ atMs, member }) => ({ atMs, hops: member.hops ?? 0 }))
    const { known, rounds } = convergence(observations, { startMs, nodes: others(one).length })
    expect(known).toBe(others(one).length)
    // log2 of nine, rounded up, and 2
    expect(rounds).toBeGreaterThanOrEqual(1)
    expect(rounds).toBeLessThanOrEqual(6)
  })
})

/** The node's membership streams are not read any more: its neighbours see what a frozen process shows. */
function stall(node: Node): () => void {
  const streams = node
    .getConnections()
    .flatMap(({ streams }) => streams.filter(({ protocol }) => protocol === MEMBERSHIP))
  streams.forEach((stream) => stream.pause())
  return () => {
    for (const stream of streams) {
      if (stream.status === 'open') {
        stream.resume()
      }
    }
  }
}

describe('the end of a node', () => {
  let net: Net
  afterEach(async () => stopNet(net))

  test('without a goodbye it is dead for all as soon as its address refuses', async () => {
    net = await createStar(6, { leaveTimeoutMs: 0 })
    const [, gone, ...others] = net.nodes as [Node, Node, ...Node[]]
    const stays = [net.node(0), ...others]
    const events = stays.map((node) => eventsOf(node))
    await gone.stop()
    await until(() => events.every((each) => typesOf(each).includes('member:dead')))
    await all(stays, gone, 'dead')
    expect(stays.every((node) => seenBy(node, gone)?.hops === 0)).toBe(true)
  })

  test('a link that breaks while its peer is there comes back, and nobody is dead', async () => {
    net = await createStar(5)
    const [hub, one] = [net.node(0), net.node(1)]
    const events = net.nodes.map((node) => eventsOf(node))
    for (const connection of hub.getConnections(one.peerId)) {
      connection.abort(new Error('a cable was pulled'))
    }
    await until(() => hub.getConnections(one.peerId).length > 0)
    await until(() => streamsOf(hub, one) === 1 && streamsOf(one, hub) === 1)
    expect(events.flatMap(typesOf)).not.toContain('member:dead')
    expect(alive(hub)).toHaveLength(4)
  })

  test('it comes back by itself after a restart, alive again, with a higher incarnation', async () => {
    net = await createStar(4)
    const [hub, one, other] = [net.node(0), net.node(1), net.node(2)]
    await until(() => (seenBy(one, other)?.metadata?.addresses.length ?? 0) > 0)
    const before = seenBy(hub, one)?.incarnation ?? Infinity
    await one.stop()
    await all(net.nodes, one, 'left')
    await one.start()
    await all(net.nodes, one, 'alive')
    await until(() => alive(one).length === 3)
    expect(seenBy(hub, one)?.incarnation).toBeGreaterThan(before)
    expect(seenBy(other, one)?.incarnation).toBeGreaterThan(before)
  })
})

/** Open membership streams of one node with another. */
function streamsOf(node: Node, other: Node): number {
  return node
    .getConnections(other.peerId)
    .flatMap(({ streams }) => streams.filter(({ protocol, status }) => protocol === MEMBERSHIP && status === 'open'))
    .length
}

describe('links', () => {
  let net: Net
  afterEach(async () => stopNet(net))

  test('there is one stream for each pair, whoever dialled', async () => {
    net = await createNet([{}, {}, {}, {}], 'full')
    await until(() => net.nodes.every((node) => alive(node).length === 3))
    await until(() =>
      net.nodes.every((node) => net.nodes.every((other) => node === other || streamsOf(node, other) === 1))
    )
  })

  test('nodes that cannot be dialled are members through the one that can', async () => {
    net = await createNet(
      Array.from({ length: 5 }, () => ({})),
      'star',
      ({ index }) => (index === 0 ? {} : { addresses: { listen: [] } })
    )
    await until(() => net.nodes.every((node) => alive(node).length === 4))
    expect(net.node(1).getPeers().map(String)).toEqual([net.node(0).peerId.toString()])
    await net.node(1).stop()
    await all(net.nodes, net.node(1), 'left')
  })

  test('members of another network, and nodes without membership, are left alone', async () => {
    net = await createNet([{ network: 'one' }, { network: 'other' }, { network: 'one' }], 'full')
    await using strangers = await createTestnet({ nodes: 1, libp2p: onTcp })
    const bare = strangers.node(0)
    await bare.dial(net.node(0).getMultiaddrs())
    await until(() => alive(net.node(0)).length === 1)
    expect(alive(net.node(0))).toEqual([net.node(2).peerId.toString()])
    expect(alive(net.node(1))).toEqual([])
    const protocols = [bare, net.node(1)].flatMap(({ peerId }) =>
      net
        .node(0)
        .getConnections(peerId)
        .flatMap(({ streams }) => streams.map(({ protocol }) => protocol))
    )
    expect(protocols.filter((protocol) => protocol.startsWith(MEMBERSHIP))).toEqual([])
  })

  test('links are kept by the connection manager', async () => {
    net = await createNet([{}, {}], 'star')
    await until(() => net.nodes.every((node) => alive(node).length === 1))
    const [one, other] = [net.node(0), net.node(1)]
    await until(() => one.services.gossip.stats().links === 1)
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const look = (): void => {
      void one.peerStore.get(other.peerId).then(({ tags }) => tags.has('p2pshare-membership') && resolve(undefined))
    }
    one.addEventListener('peer:update', look)
    look()
    await promise
  })
})

test('a lone node starts and stops', async () => {
  const net = await createNet([{}])
  expect(net.node(0).services.gossip.members()).toEqual([])
  expect(net.node(0).services.gossip.member(net.node(0).peerId)).toBeUndefined()
  await stopNet(net)
})
