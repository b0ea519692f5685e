import { afterEach, expect, test } from 'vitest'
import { INTERFACES_MS } from '../../src/paths/constants.ts'
import { explain } from '../../src/paths/explain.ts'
import { ECHO, echoed, until } from '../support/network.ts'
import { trio as connect } from '../support/managed.ts'
import type { Trio } from '../support/managed.ts'
import type { PathManagerOptions } from '../../src/paths/path-manager.ts'

const stops: Array<() => unknown> = []

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) {
    await stop()
  }
})

const trio = async (options?: PathManagerOptions): Promise<Trio> => connect(stops, options)

test('a better connection becomes the best, both ends are told, and the relayed one stays open', async () => {
  const { a, b, direct } = await trio()
  const told: string[] = []
  a.paths.addEventListener('path:change', ({ detail: { from, to, reason } }) => {
    told.push(`${from.kind} -> ${to.kind} ${reason}`)
  })
  const peers: string[] = []
  b.paths.onChange((peer) => peers.push(peer.toString()))
  expect(a.paths.path(b.node.peerId).kind).toBe('relay')
  const connection = await direct()
  await until(() => peers.length > 0 && told.length > 0)
  expect(told).toEqual(['relay -> direct better'])
  expect(peers).toContain(a.node.peerId.toString())
  expect(a.paths.best(b.node.peerId)?.id).toBe(connection.id)
  expect(a.node.getConnections(b.node.peerId)).toHaveLength(2)
})

test('when the direct connection closes, the relayed one is the path again, and one is asked to punch', async () => {
  const asked: string[] = []
  const { a, b, direct } = await trio({ punchNow: async (peer) => void asked.push(peer.toString()) })
  const connection = await direct()
  expect(asked).toEqual([])
  await connection.close()
  await until(() => a.paths.path(b.node.peerId).kind === 'relay' && asked.length > 0)
  expect(asked).toEqual([b.node.peerId.toString()])
  expect(a.paths.changes(b.node.peerId).map(({ to }) => to.kind)).toEqual(['relay', 'direct', 'relay'])
})

test('a drained relayed connection is closed, one with a stream of somebody is not', async () => {
  let now = 0
  const { a, b, direct } = await trio({ now: () => now })
  const pass = async (seconds: number): Promise<void> => {
    for (let i = 0; i < seconds; i += 1) {
      now += 1_000
      a.paths.tick()
      // the clock waits for the answers of probes
      await until(() => a.paths.links(b.node.peerId).every(({ probing, closing }) => closing || !probing))
    }
  }
  const [relayed] = a.node.getConnections(b.node.peerId)
  const stream = await relayed!.newStream(ECHO, { runOnLimitedConnection: true })
  await direct()
  await pass(100)
  expect(relayed!.status).toBe('open')
  stream.abort(new DOMException('over', 'AbortError'))
  await until(() => relayed!.streams.every(({ protocol }) => protocol.startsWith('/ipfs/')))
  await pass(40)
  await until(() => relayed!.status === 'closed')
  expect(a.paths.path(b.node.peerId).kind).toBe('direct')
})

test('a peer whose direct connection is cut in mid-transfer is back through the relay', async () => {
  const { a, b, direct } = await trio()
  const [relayed] = a.node.getConnections(b.node.peerId)
  const connection = await direct()
  await relayed!.close()
  await until(() => a.node.getConnections(b.node.peerId).length === 1)
  const stream = await connection.newStream(ECHO)
  a.paths.tick()
  expect(stream.status).toBe('open')
  connection.abort(new DOMException('the router restarts', 'NetworkError'))
  await until(() => a.paths.path(b.node.peerId).kind === 'relay')
  expect(a.paths.changes(b.node.peerId).at(-1)?.to.kind).toBe('relay')
})

test('a change of the network interfaces moves bytes to the relay until the direct path answers', async () => {
  let interfaces = 'eth0 192.168.1.2'
  const { a, b, direct } = await trio({ interfaces: () => interfaces })
  await direct()
  const reasons: string[] = []
  a.paths.addEventListener('network:change', () => reasons.push('told'))
  a.paths.addEventListener('path:change', ({ detail }) => reasons.push(`${detail.to.kind} ${detail.reason}`))
  interfaces = 'wlan0 10.0.0.7'
  a.paths.tick()
  await until(() => a.paths.path(b.node.peerId).kind === 'direct' && reasons.length === 3)
  expect(reasons).toEqual(['told', 'relay network-changed', 'direct better'])
})

test('network interfaces are read every half second, however often paths are looked at', async () => {
  let now = 0
  let reads = 0
  const { a } = await trio({
    tickMs: 1_000_000,
    now: () => now,
    interfaces: () => {
      reads += 1
      return 'eth0'
    }
  })
  a.paths.tick()
  reads = 0
  for (let looks = 0; looks < 20; looks += 1) {
    now += INTERFACES_MS / 5
    a.paths.tick()
  }
  expect(reads).toBe(4)
})

test('a listener that throws harms nobody, and one that was taken off is not told', async () => {
  const { a, b, direct } = await trio()
  let told = 0
  a.paths.onChange(() => {
    throw new DOMException('oops', 'DataError')
  })
  const off = a.paths.onChange(() => void (told += 100))
  a.paths.onChange(() => void (told += 1))
  off()
  await direct()
  await until(() => told > 0)
  expect(told).toBe(1)
  expect(a.paths.path(b.node.peerId).kind).toBe('direct')
})

test('after the stop nothing is tracked and no timer is left', async () => {
  const { a, b } = await trio()
  a.paths.stop()
  expect(a.paths.isStarted()).toBe(false)
  expect(a.paths.links(b.node.peerId)).toEqual([])
})

test('everything that is known of the ways to a peer is told in one place', async () => {
  const { a, b, direct } = await trio()
  const [relayed] = a.node.getConnections(b.node.peerId)
  const stream = await relayed!.newStream(ECHO, { runOnLimitedConnection: true })
  expect(await echoed(stream, 5_000)).toBe(5_000)
  const connection = await direct()
  const peer = b.node.peerId
  const attempt = {
    peer,
    strategy: 'udp-punch',
    startedAt: 0,
    tookMs: 9,
    outcome: 'failed',
    reason: 'no luck'
  } as const
  const report = explain(peer, {
    paths: a.paths,
    dials: (of) => a.dials.dials(of),
    attempts: () => [attempt],
    attemptUnderWayMs: () => 12
  })
  expect(report.path).toMatchObject({ kind: 'direct', relayedBytes: expect.any(Number) })
  expect(report.path.relayedBytes).toBeGreaterThanOrEqual(10_000)
  expect(report.connections.map(({ id, kind, best }) => ({ id, kind, best }))).toEqual([
    { id: connection.id, kind: 'lan', best: true },
    { id: relayed!.id, kind: 'relay', best: false }
  ])
  expect(report.connections[1]).toMatchObject({
    limitBytes: expect.any(Number),
    streams: expect.arrayContaining([ECHO])
  })
  expect(report.changes.map(({ to }) => to.kind)).toEqual(['relay', 'direct'])
  expect(report.attempts).toEqual([attempt])
  expect(report.attemptUnderWayMs).toBe(12)
  expect(report.dials.map(({ outcome }) => outcome)).toEqual(['connected', 'connected'])
})

test('when one of two connections closes, whoever carries streams over is given the one that stays', async () => {
  const carried: string[] = []
  const { a, b, direct } = await trio({ carryOver: async ({ id }) => void carried.push(id) })
  const [relayed] = a.node.getConnections(b.node.peerId)
  const connection = await direct()
  await relayed!.close()
  await until(() => carried.length > 0)
  expect(carried).toEqual([connection.id])
})
