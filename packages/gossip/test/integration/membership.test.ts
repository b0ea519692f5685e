import { TypedEventEmitter } from 'main-event'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { alive, createNet, createStar, stopNet, until } from '../support/network.ts'
import type { Net, Node } from '../support/network.ts'

function stateOf(seenBy: Node, other: Node): string | undefined {
  return seenBy.services.gossip.member(other.peerId)?.state
}

function eventsOf(node: Node): string[] {
  const events: string[] = []
  for (const type of ['member:join', 'member:leave', 'member:dead'] as const) {
    node.services.gossip.addEventListener(type, ({ detail }) => events.push(`${type} ${detail.id.toString()}`))
  }
  return events
}

describe('five nodes of which all know the first', () => {
  let net: Net
  let hub: Node, one: Node, other: Node

  beforeEach(async () => {
    net = await createStar(5, { graceMs: 0 })
    ;[hub, one, other] = [net.node(0), net.node(1), net.node(2)]
  })
  afterEach(async () => stopNet(net))

  test('all know all, and nobody knows itself', () => {
    for (const node of net.nodes) {
      expect(alive(node)).toHaveLength(4)
      expect(alive(node)).not.toContain(node.peerId.toString())
    }
  })

  test('a node that stops has left, for those that were never connected to it too', async () => {
    const events = eventsOf(other)
    await one.stop()
    await until(() => net.nodes.every((node) => node === one || stateOf(node, one) === 'left'))
    expect(events).toEqual([`member:leave ${one.peerId.toString()}`])
  })

  test('a node that is cut off is dead for its neighbour and alive for nobody for long', async () => {
    const events = eventsOf(hub)
    await net.disconnect(hub, one)
    await until(() => stateOf(hub, one) === 'dead')
    expect(events).toEqual([`member:dead ${one.peerId.toString()}`])
  })

  test('a node that comes back joins again', async () => {
    await net.disconnect(hub, one)
    await until(() => stateOf(hub, one) === 'dead')
    const events = eventsOf(hub)
    await net.connect(one, hub)
    await until(() => stateOf(hub, one) === 'alive')
    expect(events).toEqual([`member:join ${one.peerId.toString()}`])
  })

  test('a node that restarts is alive again, though it said goodbye', async () => {
    await one.stop()
    await until(() => stateOf(hub, one) === 'left')
    await one.start()
    await net.connect(one, hub)
    await until(() => net.nodes.every((node) => node === one || stateOf(node, one) === 'alive'))
    await until(() => alive(one).length === 4)
  })

  test('addresses of members that are not connected are there to be dialled', async () => {
    await until(() => one.getPeers().length === 1)
    expect(one.getPeers().map((id) => id.toString())).toEqual([hub.peerId.toString()])
    const connection = await one.dial(other.peerId)
    expect(connection.remotePeer.equals(other.peerId)).toBe(true)
  })
})

describe('time', () => {
  let net: Net
  afterEach(async () => stopNet(net))

  test('a node that reconnects within the grace was never dead', async () => {
    net = await createStar(2, { graceMs: 60_000 })
    const events = eventsOf(net.node(0))
    await net.disconnect(0, 1)
    await until(() => net.node(0).getPeers().length === 0)
    expect(alive(net.node(0))).toHaveLength(1)
    await net.connect(0, 1)
    expect(alive(net.node(0))).toHaveLength(1)
    expect(events).toEqual([])
  })

  test('a node that is silent and not connected is dead after three announcements', async () => {
    net = await createStar(3, { announceIntervalMs: 100, graceMs: 0, leaveTimeoutMs: 0 })
    const [, one, other] = net.nodes
    await net.disconnect(0, 1)
    await until(() => stateOf(other!, one!) === 'dead')
  })
})

test('a lone node starts and stops', async () => {
  const net = await createNet([{}])
  expect(net.node(0).services.gossip.members()).toEqual([])
  expect(net.node(0).services.gossip.member(net.node(0).peerId)).toBeUndefined()
  expect(net.node(0).services.gossip).toBeInstanceOf(TypedEventEmitter)
  await stopNet(net)
})
