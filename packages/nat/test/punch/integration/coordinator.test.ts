/* eslint-disable @nx/enforce-module-boundaries -- real nodes need real transports, which only tests may import here */
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import type { Connection, Libp2p, PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { yamux } from '@libp2p/yamux'
import { tcp } from '@p2pshare/transport-tcp'
import { createLibp2p } from 'libp2p'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { PUNCH_PROTOCOL } from '../../../src/punch/index.ts'
import type { PunchSuccess } from '../../../src/punch/index.ts'
import { systemClock } from '../../../src/punch/clock.ts'
import {
  BLOCKED_WAIT_MS,
  CLASS_POLL_MS,
  CLASS_WAIT_MS,
  MAX_ASKS_PER_MINUTE,
  MAX_CROSSING_MS,
  MAX_MESSAGE_BYTES
} from '../../../src/punch/constants.ts'
import { ask } from '../../../src/punch/exchange.ts'
import { goesFirst } from '../../../src/punch/goes-first.ts'
import { until } from '../../support/network.ts'
import { classifyLoopback, createPunchNode, createRelay, meet } from '../support/nodes.ts'
import type { NodeInit, PunchNode } from '../support/nodes.ts'

const nodes: Libp2p[] = []
let relay: Libp2p

beforeEach(async () => {
  relay = await createRelay()
  nodes.push(relay)
})

afterEach(async () => {
  for (const node of nodes.splice(0).reverse()) {
    await node.stop()
  }
})

async function create(init: Omit<NodeInit, 'relay'>): Promise<PunchNode> {
  const node = await createPunchNode({ ...init, relay })
  nodes.push(node)
  return node
}

/** One that does not know of punching. */
async function createPlain(privateKey?: PrivateKey): Promise<Libp2p> {
  const node = await createLibp2p({
    ...(privateKey === undefined ? {} : { privateKey }),
    addresses: { listen: [`${String(relay.getMultiaddrs()[0])}/p2p-circuit`] },
    transports: [tcp(), circuitRelayTransport()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify() }
  })
  nodes.push(node)
  return node
}

async function success(node: PunchNode): Promise<PunchSuccess> {
  return new Promise((resolve, reject) => {
    node.services.punch.addEventListener('punch:success', ({ detail }) => resolve(detail), { once: true })
    node.services.punch.addEventListener('punch:failed', ({ detail }) => reject(detail.error as Error), { once: true })
  })
}

/** As a libp2p would have it that hides its muxers. */
function withoutMuxer(connection: Connection): Connection {
  return { newStream: connection.newStream.bind(connection) } as Connection
}

async function freePort(host: string): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

const ONLY_BY_HAND = { automatic: false } as const

test('a punch waits for what TCP shows while nothing is known, as long as the loss of a SYN takes', async () => {
  // two looks in each turn: how long to wait, and whether that is over
  const looks = 1.5 * (CLASS_WAIT_MS / CLASS_POLL_MS) * 2
  expect(looks).toBeLessThan(2 * (BLOCKED_WAIT_MS / CLASS_POLL_MS))
  const a = await create({ host: '127.0.0.2', strategies: ['udp-punch'] })
  const b = await create({ host: '127.0.0.3', strategies: ['udp-punch'], looks })
  const both = Promise.all([success(a), success(b)])
  await meet(b, relay, a)
  expect((await both).map(({ strategy }) => strategy)).toEqual(['udp-punch', 'udp-punch'])
})

const TOO_LATE = 'finds out about its TCP port too late, and meets a peer whose UDP is blocked all the same'

test.each(['who asks', 'who is asked'])(`%s ${TOO_LATE}`, async (late) => {
  const strategies = ['tcp-simultaneous-open'] as const
  /** Who is reached listens at its outside address, which is as good as a dial from there. */
  const at = (host: string, port: number) => ({ tcpOutside: { host, port, localPort: port + 1 } })
  const ports = [await freePort('127.0.0.2'), await freePort('127.0.0.3')] as const
  // two looks in each turn: longer than a punch waits for it while UDP is known to pass
  const looks = 2.5 * (CLASS_WAIT_MS / CLASS_POLL_MS)
  const blocked = await create({
    host: '127.0.0.2',
    strategies,
    tcpPort: ports[0],
    nat: { udp: false, ...at('127.0.0.2', ports[0]) },
    ...ONLY_BY_HAND
  })
  const slow = await create({
    host: '127.0.0.3',
    strategies,
    tcpPort: ports[1],
    nat: at('127.0.0.3', ports[1]),
    looks,
    looksFor: 'tcp',
    ...ONLY_BY_HAND
  })
  await meet(slow, relay, blocked)
  await until(() => blocked.getConnections(slow.peerId).length > 0)
  const [asker, asked] = late === 'who asks' ? [slow, blocked] : [blocked, slow]
  await asker.services.punch.punchNow(asked.peerId)
  expect(asker.services.punch.attempts(asked.peerId)).toContainEqual(
    expect.objectContaining({ strategy: 'tcp-simultaneous-open', outcome: 'connected' })
  )
})

test('a punch waits no longer than that, and is made without', async () => {
  const a = await create({ host: '127.0.0.2', strategies: ['udp-punch'], looks: Infinity })
  const b = await create({ host: '127.0.0.3', strategies: ['udp-punch'], looks: Infinity })
  const both = Promise.all([success(a), success(b)])
  await meet(b, relay, a)
  expect((await both).map(({ strategy }) => strategy)).toEqual(['udp-punch', 'udp-punch'])
})

test('two nodes that meet over a relay get a direct connection over UDX, and the relayed one stays', async () => {
  const a = await create({ host: '127.0.0.2', strategies: ['udp-punch'] })
  const b = await create({ host: '127.0.0.3', strategies: ['udp-punch'] })
  const both = Promise.all([success(a), success(b)])
  const relayed = await meet(b, relay, a)
  const [responder, initiator] = await both
  expect(initiator).toMatchObject({ role: 'initiator', strategy: 'udp-punch' })
  expect(responder).toMatchObject({ role: 'responder', strategy: 'udp-punch' })
  expect(initiator.connection.remotePeer.equals(a.peerId)).toBe(true)
  expect(initiator.connection.remoteAddr.toString()).toContain('/ip4/127.0.0.2/udp/')
  expect(relayed.status).toBe('open')
  const tries = b.services.punch.attempts(a.peerId)
  expect(tries.find(({ outcome }) => outcome === 'connected')?.strategy).toBe('udp-punch')
  expect(tries.find(({ strategy }) => strategy === 'webrtc')).toMatchObject({ outcome: 'not-applicable' })
})

test('while an attempt is under way it can be told for how long, and not before or after', async () => {
  const a = await create({ host: '127.0.0.2', strategies: ['udp-punch'], ...ONLY_BY_HAND })
  const b = await create({ host: '127.0.0.3', strategies: ['udp-punch'], ...ONLY_BY_HAND })
  await meet(b, relay, a)
  const { punch } = b.services
  expect(punch.underWayMs(a.peerId)).toBeUndefined()
  const punched = punch.punchNow(a.peerId)
  expect(punch.underWayMs(a.peerId)).toBeGreaterThanOrEqual(0)
  await punched
  expect(punch.underWayMs(a.peerId)).toBeUndefined()
})

test('a peer that can be dialled over TCP is dialled, without any UDP', async () => {
  const a = await create({ host: '127.0.0.2', udp: false, tcpPort: 0 })
  const b = await create({ host: '127.0.0.3', udp: false })
  const both = Promise.all([success(a), success(b)])
  await meet(b, relay, a)
  const [, initiator] = await both
  expect(initiator).toMatchObject({ role: 'initiator', strategy: 'public' })
  expect(initiator.connection.remoteAddr.toString()).toContain('/ip4/127.0.0.2/tcp/')
})

test('the one that was asked dials when only the other can be dialled', async () => {
  const a = await create({ host: '127.0.0.2', udp: false })
  const b = await create({ host: '127.0.0.3', udp: false, tcpPort: 0 })
  const both = Promise.all([success(a), success(b)])
  await meet(b, relay, a)
  const [responder, initiator] = await both
  expect(responder).toMatchObject({ role: 'responder', strategy: 'reversal' })
  expect(responder.connection.direction).toBe('outbound')
  expect(initiator).toMatchObject({ role: 'initiator', strategy: 'reversal' })
})

test('the host of a relay is not sent to, whatever a peer says', async () => {
  const nat = (localPort: number) => ({ udp: false, tcpOutside: { host: '127.0.0.1', port: localPort, localPort } })
  const strategies = ['tcp-simultaneous-open'] as const
  const a = await create({ host: '127.0.0.2', udp: false, nat: nat(41_873), strategies, ...ONLY_BY_HAND })
  const b = await create({ host: '127.0.0.3', udp: false, nat: nat(41_874), strategies, ...ONLY_BY_HAND })
  await meet(b, relay, a)
  await expect(b.services.punch.punchNow(a.peerId)).rejects.toMatchObject({ code: 'ERR_PUNCH_FAILED' })
  expect(b.services.punch.attempts(a.peerId)).toContainEqual(
    expect.objectContaining({
      strategy: 'tcp-simultaneous-open',
      outcome: 'not-applicable',
      reason: 'the peer knows no outside TCP port of its own'
    })
  )
})

test('when both ask at once, one connection attempt is made and both get its result', async () => {
  const a = await create({ host: '127.0.0.2', ...ONLY_BY_HAND })
  const b = await create({ host: '127.0.0.3', ...ONLY_BY_HAND })
  await meet(b, relay, a)
  await until(() => a.getConnections(b.peerId).length > 0)
  const successes = Promise.all([success(a), success(b)])
  const [fromA, fromB] = await Promise.all([a.services.punch.punchNow(b.peerId), b.services.punch.punchNow(a.peerId)])
  expect(fromA.remotePeer.equals(b.peerId)).toBe(true)
  expect(fromB.remotePeer.equals(a.peerId)).toBe(true)
  const [ofA, ofB] = await successes
  const lower = a.peerId.toString() < b.peerId.toString() ? ofA : ofB
  expect(new Set([ofA.role, ofB.role])).toEqual(new Set(['initiator', 'responder']))
  expect(lower.role).toBe('initiator')
})

test('whoever joins an attempt gets its connection, and whoever comes later the one there is', async () => {
  const a = await create({ host: '127.0.0.2', ...ONLY_BY_HAND })
  const b = await create({ host: '127.0.0.3', ...ONLY_BY_HAND })
  await meet(b, relay, a)
  const { punch } = b.services
  const [first, second] = await Promise.all([punch.punchNow(a.peerId), punch.punchNow(a.peerId)])
  expect(first).toBe(second)
  const abort = new AbortController()
  expect(await punch.punchNow(a.peerId, { signal: abort.signal })).toBe(first)
  abort.abort(new Error('enough'))
  await expect(punch.punchNow(a.peerId, { signal: abort.signal })).rejects.toThrow('enough')
})

test('without a relayed connection there is nothing to meet over', async () => {
  const a = await create({ host: '127.0.0.2' })
  const b = await create({ host: '127.0.0.3' })
  await expect(b.services.punch.punchNow(a.peerId)).rejects.toMatchObject({ code: 'ERR_NO_RELAYED_CONNECTION' })
})

test('one who joined may leave; the attempt goes on', async () => {
  const a = await create({ host: '127.0.0.2', ...ONLY_BY_HAND })
  const b = await create({ host: '127.0.0.3', ...ONLY_BY_HAND })
  await meet(b, relay, a)
  const abort = new AbortController()
  const done = success(b)
  const joined = b.services.punch.punchNow(a.peerId, { signal: abort.signal })
  abort.abort(new Error('gone'))
  await expect(joined).rejects.toThrow('gone')
  expect((await done).connection.remotePeer.equals(a.peerId)).toBe(true)
})

test('a peer that does not know of punching is left alone for long', async () => {
  const plain = await createPlain()
  const b = await create({ host: '127.0.0.3', ...ONLY_BY_HAND })
  await meet(b, relay, plain)
  await expect(b.services.punch.punchNow(plain.peerId)).rejects.toMatchObject({ code: 'ERR_PUNCH_UNSUPPORTED' })
  expect(b.services.punch.waitMs(plain.peerId)).toBeGreaterThan(500_000)
  b.services.punch.networkChanged()
  expect(b.services.punch.waitMs(plain.peerId)).toBe(0)
})

test('when no way applies, the reasons are said, and the next attempt waits', async () => {
  const a = await create({ host: '127.0.0.2', strategies: ['webrtc'], ...ONLY_BY_HAND })
  const b = await create({ host: '127.0.0.3', strategies: ['webrtc'], ...ONLY_BY_HAND })
  await meet(b, relay, a)
  await expect(b.services.punch.punchNow(a.peerId)).rejects.toMatchObject({
    code: 'ERR_PUNCH_FAILED',
    tries: expect.arrayContaining([expect.objectContaining({ strategy: 'udp-punch', outcome: 'not-applicable' })])
  })
  expect(b.services.punch.waitMs(a.peerId)).toBeGreaterThan(4_000)
})

test('a peer that asks again and again is refused, and one that talks nonsense is cut off', async () => {
  const a = await create({ host: '127.0.0.2', classify: classifyLoopback, ...ONLY_BY_HAND })
  const plain = await createPlain()
  const relayed = await meet(plain, relay, a)
  const { signal } = new AbortController()
  const message = {
    type: 'ask',
    attempt: new Uint8Array(8),
    secret: new Uint8Array(16),
    about: { candidates: [], nats: [], streamIds: [], ways: [] }
  } as const
  for (let n = 0; n < MAX_ASKS_PER_MINUTE; n++) {
    // with and without the short cut to the muxer
    const connection = n % 2 === 0 ? relayed : withoutMuxer(relayed)
    const { answer } = await ask(connection, message, { signal })
    expect(answer.type).toBe('answer')
  }
  await expect(ask(relayed, message, { signal })).rejects.toMatchObject({ code: 'ERR_PUNCH_REFUSED', refusal: 'busy' })

  const stream = await relayed.newStream(PUNCH_PROTOCOL, { runOnLimitedConnection: true, signal })
  const ended = new Promise((resolve) => {
    stream.addEventListener('close', resolve, { once: true })
  })
  const length = MAX_MESSAGE_BYTES + 1
  stream.send(Uint8Array.of((length & 0x7f) | 0x80, length >> 7))
  await ended
})

test('a node that stops ends its attempts', async () => {
  const a = await create({ host: '127.0.0.2', strategies: [], ...ONLY_BY_HAND })
  const b = await create({ host: '127.0.0.3', strategies: [], ...ONLY_BY_HAND })
  await meet(b, relay, a)
  const result = b.services.punch.punchNow(a.peerId)
  result.catch(() => undefined)
  await b.services.punch.stop()
  await expect(result).rejects.toBeInstanceOf(Error)
  await expect(b.services.punch.punchNow(a.peerId)).rejects.toMatchObject({ code: 'ERR_NOT_STARTED' })
})

test('an ask that crosses ours waits for it; when ours has had no answer for long, the peer goes first', async () => {
  // stands still at first: on a busy machine the time to cross would pass before the other asks
  const begun = systemClock.now()
  let now = (): number => begun
  const clock = { ...systemClock, now: () => now() }
  const a = await create({ host: '127.0.0.2', clock, ...ONLY_BY_HAND })
  let key = await generateKeyPair('Ed25519')
  while (!goesFirst(a.peerId, peerIdFromPrivateKey(key))) {
    key = await generateKeyPair('Ed25519')
  }
  const plain = await createPlain(key)
  const asked = Promise.withResolvers<undefined>()
  await plain.handle(
    PUNCH_PROTOCOL,
    () => {
      asked.resolve(undefined) // and no answer, as over a connection that went dead
    },
    { runOnLimitedConnection: true }
  )
  const relayed = await meet(plain, relay, a)
  await until(() => a.getConnections(plain.peerId).length > 0)
  const ours = a.services.punch.punchNow(plain.peerId)
  ours.catch(() => undefined)
  await asked.promise
  const { signal } = new AbortController()
  const message = {
    type: 'ask',
    attempt: new Uint8Array(8),
    secret: new Uint8Array(16),
    about: { candidates: [], nats: [], streamIds: [], ways: [] }
  } as const
  await expect(ask(relayed, message, { signal })).rejects.toMatchObject({ refusal: 'superseded' })
  now = () => systemClock.now() + MAX_CROSSING_MS
  await expect(ask(relayed, message, { signal })).resolves.toMatchObject({ answer: { type: 'answer' } })
})
