import { afterEach, expect, test } from 'vitest'
import type { NatInit } from '../../src/index.ts'
import { ECHO, createNode, echoed, until } from '../support/network.ts'
import type { Node } from '../support/network.ts'

const LOOPBACK = '/ip4/127.0.0.1/tcp/0'
const nodes: Node[] = []

afterEach(async () => {
  // clients first: one after the other, so that no two ends close at the same time
  for (const node of nodes.splice(0).reverse()) {
    await node.stop()
  }
})

async function node(listen: string[], init?: NatInit): Promise<Node> {
  const created = await createNode(listen, init)
  nodes.push(created)
  return created
}

function addressOf(of: Node): string {
  return of.getMultiaddrs()[0]?.toString() ?? ''
}

/** A node that nobody can dial but through `relay`. */
async function hiddenBehind(relay: Node): Promise<Node> {
  const hidden = await node([`${addressOf(relay)}/p2p-circuit`])
  await until(() => hidden.getMultiaddrs().length > 0)
  return hidden
}

test('two nodes that cannot dial each other meet through a relay, and say so', async () => {
  const relay = await node([LOOPBACK], { relayServer: true })
  const hidden = await hiddenBehind(relay)
  const other = await node([])

  const connection = await other.dial(hidden.getMultiaddrs())
  expect(connection.remotePeer.equals(hidden.peerId)).toBe(true)
  expect(other.services.nat.path(hidden.peerId)).toMatchObject({ kind: 'relay', address: connection.remoteAddr })
  await until(() => hidden.services.nat.path(other.peerId).kind === 'relay')
  expect(other.services.nat.path(relay.peerId).kind).toBe('direct')

  const stream = await connection.newStream(ECHO, { runOnLimitedConnection: true })
  expect(await echoed(stream, 1_000)).toBe(1_000)
})

test('a direct path takes the place of a relayed one, and the relayed one is the path when it is gone', async () => {
  const relay = await node([LOOPBACK], { relayServer: true })
  const both = await node([LOOPBACK, `${addressOf(relay)}/p2p-circuit`])
  await until(() => both.getMultiaddrs().length > 1)
  const other = await node([])
  const [circuit] = both.getMultiaddrs().filter((address) => address.toString().includes('p2p-circuit'))
  const [direct] = both.getMultiaddrs().filter((address) => !address.toString().includes('p2p-circuit'))

  await other.dial(circuit!)
  expect(other.services.nat.path(both.peerId).kind).toBe('relay')
  const connection = await other.dial(direct!, { force: true })
  expect(other.services.nat.path(both.peerId).kind).toBe('direct')
  await connection.close()
  await until(() => other.services.nat.path(both.peerId).kind === 'relay')
})

test('a peer that is not connected has no path', async () => {
  const [a, b] = [await node([LOOPBACK]), await node([LOOPBACK])]
  expect(a.services.nat.path(b.peerId)).toEqual({ kind: 'none' })
})

test('a node knows which of its addresses are local and which are behind a relay', async () => {
  const relay = await node([LOOPBACK], { relayServer: true })
  const both = await node([LOOPBACK, `${addressOf(relay)}/p2p-circuit`])
  await until(() => both.getMultiaddrs().length > 1)
  const found = both.services.nat.reachability().map(({ reachability }) => reachability)
  expect(found.sort()).toEqual(['local', 'relayed'])
})

test('a node that meets a relay reserves a place there by itself when it listens on /p2p-circuit', async () => {
  const relay = await node([LOOPBACK], { relayServer: true })
  const hidden = await node(['/p2p-circuit'])
  await hidden.dial(relay.getMultiaddrs())
  await until(() => hidden.getMultiaddrs().length > 0)
  expect(hidden.services.nat.reachability()).toMatchObject([{ reachability: 'relayed' }])
})

test('a relay holds as many places as it is told, and not one more', async () => {
  const relay = await node([LOOPBACK], { relayServer: true, relayMaxReservations: 1 })
  await hiddenBehind(relay)
  await expect(node([`${addressOf(relay)}/p2p-circuit`])).rejects.toMatchObject({
    name: 'UnsupportedListenAddressesError'
  })
})

test('a node that is no relay gives no places', async () => {
  const other = await node([LOOPBACK])
  await expect(node([`${addressOf(other)}/p2p-circuit`])).rejects.toMatchObject({
    name: 'UnsupportedListenAddressesError'
  })
})

test.each([
  ['under its limit a relayed connection carries everything', 100_000, 10_000, 10_000],
  ['over its limit a relayed connection is cut', 20_000, 100_000, 0]
])('%s', async (_, relayMaxBytes, bytes, least) => {
  const relay = await node([LOOPBACK], { relayServer: true, relayMaxBytes })
  const hidden = await hiddenBehind(relay)
  const other = await node([])
  const connection = await other.dial(hidden.getMultiaddrs())
  const stream = await connection.newStream(ECHO, { runOnLimitedConnection: true })
  const count = await echoed(stream, bytes)
  expect(count).toBeGreaterThanOrEqual(least)
  expect(count).toBeLessThanOrEqual(relayMaxBytes)
  if (count < bytes) {
    await until(() => other.services.nat.path(hidden.peerId).kind === 'none')
  }
})

test('with AutoNAT v1 and DCUtR on, the node starts, relays and stops', async () => {
  const relay = await node([LOOPBACK], { relayServer: true, autoNATv1: true, dcutr: true })
  const hidden = await hiddenBehind(relay)
  const other = await node([], { autoNATv1: true, dcutr: true })
  await other.dial(hidden.getMultiaddrs())
  expect(other.services.nat.path(hidden.peerId).kind).toBe('relay')
})
