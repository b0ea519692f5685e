import type { Connection, PeerId } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { afterEach, expect, test } from 'vitest'
import { isRelayed } from '../../src/paths/choose-path.ts'
import { Trials } from '../../src/trials.ts'
import { createNode, until } from '../support/network.ts'
import type { Node } from '../support/network.ts'
import { wayTo } from '../support/way-to.ts'
import type { Way } from '../support/way-to.ts'

const LOOPBACK = '/ip4/127.0.0.1/tcp/0'
/** One way: longer than a handshake on this machine takes. */
const SLOW_MS = 60
const nodes: Node[] = []
const ways: Way[] = []

afterEach(async () => {
  for (const node of nodes.splice(0).reverse()) {
    await node.stop()
  }
  ways.splice(0).forEach((way) => way.close())
})

async function node(listen: string[], isRelay = false): Promise<Node> {
  const created = await createNode(listen, { relayServer: isRelay, holePunching: false })
  nodes.push(created)
  return created
}

/** Two nodes with a place at one relay, which also listen at `own`. */
async function relayed(own: readonly string[] = []): Promise<{ relay: Node; a: Node; b: Node }> {
  const relay = await node([LOOPBACK], true)
  const place = `${relay.getMultiaddrs()[0]?.toString() ?? ''}/p2p-circuit`
  const [a, b] = await Promise.all([node([...own, place]), node([...own, place])])
  await until(() => [a, b].every((each) => circuitsOf(each).length > 0))
  return { relay, a, b }
}

function circuitsOf(of: Node): Multiaddr[] {
  return of.getMultiaddrs().filter((remoteAddr) => isRelayed({ remoteAddr }))
}

function open(of: Node, peer: PeerId): Connection[] {
  return of.getConnections(peer).filter(({ status }) => status === 'open')
}

test('who asks for a peer that is met over a relay is given that circuit, and no other is made', async () => {
  const { relay, a, b } = await relayed()
  const circuit = await a.dial(circuitsOf(b))
  const opened: string[] = []
  a.addEventListener('connection:open', ({ detail }) => opened.push(detail.id))
  await a.peerStore.merge(b.peerId, { multiaddrs: circuitsOf(b) })
  expect((await a.dial(b.peerId)).id).toBe(circuit.id)
  // a connection that only tries an address of the relay is not a change of the network
  new Trials().mark(await a.dial(relay.getMultiaddrs(), { force: true }))
  opened.splice(0)
  expect((await a.dial(b.peerId)).id).toBe(circuit.id)
  // the other end's is the same one, once it is open there
  await until(() => open(b, a.peerId).length > 0)
  await b.peerStore.merge(a.peerId, { multiaddrs: circuitsOf(a) })
  await b.dial(a.peerId)
  expect([open(a, b.peerId).length, open(b, a.peerId).length]).toEqual([1, 1])
  expect(opened).toEqual([])
  const own = await a.dial(circuitsOf(b), { force: true })
  expect(own.id).not.toBe(circuit.id)
})

test('where both ends dial over one relay at once, both are connected', async () => {
  const { a, b } = await relayed()
  for (let round = 0; round < 5; round++) {
    const [one, other] = await Promise.all([a.dial(circuitsOf(b)), b.dial(circuitsOf(a))])
    expect([one.status, other.status]).toEqual(['open', 'open'])
    await Promise.all([a.hangUp(b.peerId), b.hangUp(a.peerId)])
  }
})

test('a dial of the own addresses of a peer beside one over a relay ends with a direct connection', async () => {
  const { a, b } = await relayed([LOOPBACK])
  const direct = b.getMultiaddrs().filter((remoteAddr) => !isRelayed({ remoteAddr }))
  const dead = multiaddr(`/ip4/127.0.0.1/tcp/1/p2p/${b.peerId.toString()}`)
  const [first, second] = await Promise.all([a.dial([dead, ...circuitsOf(b)]), a.dial(direct, { force: true })])
  expect(isRelayed(first)).toBe(true)
  expect(isRelayed(second)).toBe(false)
})

test('one that insists on a connection of its own gets it, also when it is joined by one that does not', async () => {
  const { a, b } = await relayed()
  const held = await a.dial(circuitsOf(b))
  const [own, joined] = await Promise.all([a.dial(circuitsOf(b), { force: true }), a.dial(circuitsOf(b))])
  expect(own.id).not.toBe(held.id)
  expect(joined.id).toBe(own.id)
})

test('a peer of the same network that was met over a far relay is dialled there', async () => {
  const relay = await node([LOOPBACK], true)
  const far = await wayTo(relay, SLOW_MS)
  ways.push(far)
  const place = `${far.address.toString()}/p2p-circuit`
  const [a, b] = await Promise.all([node([LOOPBACK]), node([LOOPBACK, place])])
  await until(() => circuitsOf(b).length > 0)
  const circuit = multiaddr(`${place}/p2p/${b.peerId.toString()}`)
  await a.dial(circuit)
  const direct = b.getMultiaddrs().filter((remoteAddr) => !isRelayed({ remoteAddr }))
  await a.peerStore.merge(b.peerId, { multiaddrs: [...direct, circuit] })
  expect(isRelayed(await a.dial(b.peerId))).toBe(false)
})
