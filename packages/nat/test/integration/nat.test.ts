import { afterEach, expect, test, vi } from 'vitest'
import type { NatInit } from '../../src/index.ts'
import { createNode } from '../support/network.ts'
import type { Node } from '../support/network.ts'

const nodes: Node[] = []
// the guard is that of the test: a time that began with the file would end while later tests still run
const { signal } = new AbortController()

afterEach(async () => {
  await Promise.all(nodes.splice(0).map(async (node) => node.stop()))
})

async function start(init: NatInit = {}, listen = ['/ip4/127.0.0.1/tcp/0']): Promise<Node> {
  const node = await createNode(listen, { portMapping: false, ...init })
  nodes.push(node)
  return node
}

test('a node takes a place at a relay it meets, and is found there', async () => {
  const relay = await start({ relayServer: true })
  const [hidden, seeker] = [await start({}, []), await start()]
  await hidden.dial(relay.getMultiaddrs(), { signal })
  await vi.waitFor(() => {
    expect(hidden.services.nat.relays()).toMatchObject([{ state: 'reserved' }])
  })
  expect(hidden.services.nat.reachability()).toMatchObject([{ reachability: 'relayed' }])
  const connection = await seeker.dial(hidden.getMultiaddrs(), { signal })
  expect(connection.remotePeer.equals(hidden.peerId)).toBe(true)
  expect(seeker.services.nat.path(hidden.peerId)).toMatchObject({ kind: 'relay' })
})

test('what is known of a node is one report, with what to do', async () => {
  const node = await start()
  const report = await node.services.nat.report({ signal, waitMs: 0 })
  expect(report).toMatchObject({ peers: 0, servers: 0, relays: [], mappings: [] })
  expect(report.addresses).toMatchObject([{ reachability: 'local' }])
  expect(report.findings.filter(({ level }) => level === 'problem').map(({ fix }) => typeof fix)).toEqual(['string'])
})

test('a relay answers STUN, and tells a peer its time', async () => {
  const relay = await start({ relayServer: true })
  const node = await start()
  await node.dial(relay.getMultiaddrs(), { signal })
  await vi.waitFor(async () => {
    const report = await node.services.nat.report({ signal, waitMs: 0 })
    expect(report.servers).toBe(1)
    expect(report.clock?.offsetMs).toBeLessThan(60_000)
  })
})

test('the way to a peer can be explained', async () => {
  const [a, b] = [await start(), await start()]
  await a.dial(b.getMultiaddrs(), { signal })
  const explanation = a.services.nat.explain(b.peerId)
  expect(explanation.path).toMatchObject({ kind: 'direct' })
  expect(explanation.connections).toMatchObject([{ kind: 'lan', direction: 'outbound', best: true }])
  expect(explanation.dials.length).toBeGreaterThan(0)
})

test('the round trip of a path that nothing was compared with can be asked for', async () => {
  const [a, b] = [await start(), await start()]
  await a.dial(b.getMultiaddrs(), { signal })
  expect(a.services.nat.path(b.peerId).rttMs).toBeUndefined()
  await a.services.nat.measure(b.peerId, { signal })
  expect(a.services.nat.path(b.peerId).rttMs).toBeGreaterThanOrEqual(0)
})
