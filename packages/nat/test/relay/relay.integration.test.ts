import type { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import type { CircuitRelayServerComponents } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import type { Libp2p } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import type { ConnectionManagerInit } from 'libp2p'
import { afterEach, expect, test } from 'vitest'
import { RELAY_MAX_DURATION_MS } from '../../src/constants.ts'
import { STOP_PROTOCOL } from '../../src/relay/constants.ts'
import { limitedRelayServer } from '../../src/relay/limited-relay-server.ts'
import type { LimitedRelayServer } from '../../src/relay/limited-relay-server.ts'
import { meteredCircuits } from '../../src/relay/metered-circuits.ts'
import { RelayClient } from '../../src/relay/relay-client.ts'
import type { RelayClientComponents, RelayClientOptions } from '../../src/relay/relay-client.ts'
import { relayLedgerSymbol } from '../../src/relay/relay-ledger.ts'
import type { RelayLedger } from '../../src/relay/relay-ledger.ts'
import type { RelayLimits } from '../../src/relay/relay-quota.ts'
import { ECHO, echoed, until } from '../support/network.ts'

const LOOPBACK = '/ip4/127.0.0.1/tcp/0'
const nodes: Libp2p[] = []

afterEach(async () => {
  for (const node of nodes.splice(0).reverse()) {
    await node.stop()
  }
})

const common = { connectionEncrypters: [noise()], streamMuxers: [yamux()], connectionMonitor: { enabled: false } }

async function relay(
  limits: Partial<RelayLimits> = {},
  maxReservations = 10,
  defaultDurationLimit = RELAY_MAX_DURATION_MS
): Promise<Libp2p<{ relay: LimitedRelayServer }>> {
  const node = await createLibp2p({
    ...common,
    addresses: { listen: [LOOPBACK] },
    transports: [tcp()],
    services: {
      identify: identify(),
      ping: ping(),
      relay: (components: CircuitRelayServerComponents) =>
        limitedRelayServer({ reservations: { maxReservations, defaultDurationLimit } }, limits)(components)
    }
  })
  nodes.push(node)
  return node
}

interface Client {
  readonly node: Libp2p
  readonly relays: RelayClient
  readonly ledger: RelayLedger
}

async function client(
  options: RelayClientOptions = {},
  listen: string[] = [],
  connectionManager: ConnectionManagerInit = {}
): Promise<Client> {
  let relays: RelayClient | undefined
  let ledger: RelayLedger | undefined
  const node = await createLibp2p({
    ...common,
    connectionManager,
    addresses: { listen },
    transports: [
      tcp(),
      (components: Parameters<ReturnType<typeof circuitRelayTransport>>[0]) => {
        const transport = meteredCircuits()(components)
        ledger = transport[relayLedgerSymbol]
        return transport
      }
    ],
    services: {
      identify: identify(),
      ping: ping(),
      relays: (components: RelayClientComponents) => {
        const own = new RelayClient(components, options)
        relays = own
        return { afterStart: async () => own.start(), stop: () => own.stop(), start: () => undefined }
      }
    }
  })
  nodes.push(node)
  await node.handle(
    ECHO,
    async (stream) => {
      for await (const chunk of stream) {
        stream.send(chunk.subarray())
      }
    },
    { runOnLimitedConnection: true }
  )
  return { node, relays: relays!, ledger: ledger! }
}

const held = ({ relays }: Client): string[] =>
  relays.relays().flatMap(({ state, peer }) => (state === 'reserved' ? peer.toString() : []))

test('a node takes places at two of three relays, announces them, and takes the third when one goes away', async () => {
  const three = [await relay(), await relay(), await relay()]
  const own = await client()
  const events: string[] = []
  own.relays.addEventListener('relay:reserved', () => events.push('reserved'))
  own.relays.addEventListener('relay:lost', () => events.push('lost'))
  for (const each of three) {
    await own.node.dial(each.getMultiaddrs())
  }
  await until(() => held(own).length === 2 && own.node.getMultiaddrs().length > 0)
  const first = held(own)
  const lost = three.find(({ peerId }) => peerId.toString() === first[0])!
  const third = three.find(({ peerId }) => !first.includes(peerId.toString()))!
  await lost.stop()
  await until(() => held(own).includes(third.peerId.toString()))
  await until(() => own.node.getMultiaddrs().some((address) => address.toString().includes(third.peerId.toString())))
  expect(own.node.getMultiaddrs().some((address) => address.toString().includes(lost.peerId.toString()))).toBe(false)
  expect(events).toEqual(expect.arrayContaining(['reserved', 'reserved', 'lost', 'reserved']))
  expect(own.relays.relays()[0]).toMatchObject({
    state: 'reserved',
    rttMs: expect.any(Number),
    expiresAt: expect.any(Number)
  })
})

test('a place at a relay that connected to us is announced at where the relay listens, and nowhere else', async () => {
  const server = await relay()
  const own = await client({}, [LOOPBACK])
  await server.dial(own.node.getMultiaddrs())
  const circuits = (): string[] =>
    own.node.getMultiaddrs().flatMap((address) => {
      const [at, through] = address.toString().split('/p2p-circuit')
      return at === undefined || through === undefined ? [] : [at]
    })
  await until(() => held(own).length === 1 && circuits().length > 0)
  expect(circuits()).toEqual(server.getMultiaddrs().map(String))
})

test('a relay that the user named is dialled and asked, and others are not while that is enough', async () => {
  const [named, met] = [await relay(), await relay()]
  const own = await client({ reservations: 1, relays: named.getMultiaddrs() })
  await until(() => held(own).length === 1)
  await own.node.dial(met.getMultiaddrs())
  await until(() => own.relays.relays().length === 2)
  expect(held(own)).toEqual([named.peerId.toString()])
  own.relays.want(2)
  await until(() => held(own).length === 2)
})

test('a full relay refuses in plain words, and leaves the places at other relays alone', async () => {
  const [good, full] = [await relay(), await relay({}, 0)]
  const own = await client()
  await own.node.dial(good.getMultiaddrs())
  await until(() => held(own).length === 1)
  await own.node.dial(full.getMultiaddrs())
  await until(() => own.relays.relays().some(({ state }) => state === 'refused'))
  expect(own.relays.relays().find(({ state }) => state === 'refused')?.reason).toBe('it has no free places')
  expect(held(own)).toEqual([good.peerId.toString()])
  expect(own.node.getMultiaddrs().length).toBeGreaterThan(0)
})

test('bytes through a relay are counted at both ends and at the relay', async () => {
  const server = await relay()
  const [a, b] = [await client(), await client({ reservations: 0 })]
  await a.node.dial(server.getMultiaddrs())
  await until(() => held(a).length === 1 && a.node.getMultiaddrs().length > 0)
  const connection = await b.node.dial(a.node.getMultiaddrs())
  const stream = await connection.newStream(ECHO, { runOnLimitedConnection: true })
  expect(await echoed(stream, 20_000)).toBe(20_000)
  // it was used before the relay had said what it allows
  expect(connection.limits).toMatchObject({ bytes: expect.any(BigInt), seconds: expect.any(Number) })
  const both = 2 * 20_000
  await until(() => a.ledger.withPeer(b.node.peerId) >= both)
  expect(b.ledger.withPeer(a.node.peerId)).toBeGreaterThanOrEqual(both)
  expect(b.ledger.throughRelay(server.peerId)).toBe(b.ledger.total)
  expect(server.services.relay.usage()).toMatchObject({ reservations: 1, circuits: 1 })
  expect(server.services.relay.usage().bytes).toBeGreaterThanOrEqual(both)
  await connection.close()
  await until(() => server.services.relay.usage().circuits === 0)
})

test('both ends are told in seconds how long a circuit lasts', async () => {
  const server = await relay()
  const [a, b] = [await client(), await client({ reservations: 0 })]
  await a.node.dial(server.getMultiaddrs())
  await until(() => a.node.getMultiaddrs().length > 0)
  const connection = await b.node.dial(a.node.getMultiaddrs())
  const stream = await connection.newStream(ECHO, { runOnLimitedConnection: true })
  expect(await echoed(stream, 1)).toBe(1)
  const [there] = a.node.getConnections(b.node.peerId)
  for (const limits of [connection.limits, there?.limits]) {
    expect(limits?.bytes).toBeTypeOf('bigint')
    expect(limits?.seconds).toBeLessThanOrEqual(RELAY_MAX_DURATION_MS / 1000)
    expect(limits?.seconds).toBeGreaterThan(RELAY_MAX_DURATION_MS / 2000)
  }
})

test('a circuit is cut when its milliseconds are over, and not after as many seconds', async () => {
  const server = await relay({}, 10, 500)
  const [a, b] = [await client(), await client({ reservations: 0 })]
  await a.node.dial(server.getMultiaddrs())
  await until(() => a.node.getMultiaddrs().length > 0)
  const connection = await b.node.dial(a.node.getMultiaddrs())
  const stream = await connection.newStream(ECHO, { runOnLimitedConnection: true })
  expect(await echoed(stream, 1)).toBe(1)
  expect(connection.limits?.seconds).toBeLessThanOrEqual(1)
  await until(() => connection.status !== 'open' && server.services.relay.usage().circuits === 0)
})

test('a relay gives one IP address as many places as it may', async () => {
  const server = await relay({ maxReservationsPerIp: 1 })
  const [a, b] = [await client(), await client()]
  await a.node.dial(server.getMultiaddrs())
  await until(() => held(a).length === 1)
  await b.node.dial(server.getMultiaddrs())
  await until(() => b.relays.relays()[0]?.state === 'refused')
  expect(b.relays.relays()[0]?.reason).toBe('it does not give us a place')
})

test('a relay opens no more circuits to a peer than it may', async () => {
  const server = await relay({ maxCircuitsPerPeer: 1 })
  const [a, b, c] = [await client(), await client({ reservations: 0 }), await client({ reservations: 0 })]
  await a.node.dial(server.getMultiaddrs())
  await until(() => a.node.getMultiaddrs().length > 0)
  const connection = await b.node.dial(a.node.getMultiaddrs())
  await expect(c.node.dial(a.node.getMultiaddrs())).rejects.toThrow()
  await connection.close()
  await until(() => server.services.relay.usage().circuits === 0)
  await expect(c.node.dial(a.node.getMultiaddrs())).resolves.toBeDefined()
})

test('a relay does not hold against a peer that it asked for others that have gone', async () => {
  const server = await relay({ maxCircuitsPerPeer: 1 })
  const [a, gone, b] = [await client(), await client(), await client({ reservations: 0 })]
  await a.node.dial(server.getMultiaddrs())
  await gone.node.dial(server.getMultiaddrs())
  await until(() => a.node.getMultiaddrs().length > 0 && gone.node.getMultiaddrs().length > 0)
  const circuits = gone.node.getMultiaddrs()
  await gone.node.stop()
  await until(() => server.getConnections(gone.node.peerId).length === 0)
  await expect(a.node.dial(circuits)).rejects.toThrow(/NO_RESERVATION/)
  expect(server.services.relay.usage().circuits).toBe(0)
  await expect(b.node.dial(a.node.getMultiaddrs())).resolves.toBeDefined()
})

test('a circuit of a peer that carried its bytes of a minute is cut', async () => {
  const server = await relay({ maxPeerBytesPerMinute: 50_000 })
  const [a, b] = [await client(), await client({ reservations: 0 })]
  await a.node.dial(server.getMultiaddrs())
  await until(() => a.node.getMultiaddrs().length > 0)
  const connection = await b.node.dial(a.node.getMultiaddrs())
  const stream = await connection.newStream(ECHO, { runOnLimitedConnection: true })
  expect(await echoed(stream, 100_000)).toBeLessThan(100_000)
  await until(() => connection.status !== 'open')
  await expect(b.node.dial(a.node.getMultiaddrs())).rejects.toThrow()
})

test('the options that cannot work are refused', () => {
  expect(() => new RelayClient({} as never, { reservations: 9 })).toThrow(/reservations/u)
  expect(() => new RelayClient({} as never, { reservations: -1 })).toThrow(/reservations/u)
})

test('a circuit goes over the connection that the place was asked for over, and not over a newer one', async () => {
  const server = await relay()
  const [own, other] = [await client(), await client({ reservations: 0 })]
  await own.node.dial(server.getMultiaddrs())
  await until(() => held(own).length === 1 && own.node.getMultiaddrs().length > 0)
  const [first] = server.getConnections(own.node.peerId)
  await own.node.dial(server.getMultiaddrs(), { force: true })
  await until(() => server.getConnections(own.node.peerId).length === 2)
  await other.node.dial(own.node.getMultiaddrs())
  const carrying = server
    .getConnections(own.node.peerId)
    .filter(({ streams }) => streams.some(({ protocol }) => protocol === STOP_PROTOCOL))
  expect(carrying.map(({ id }) => id)).toEqual([first?.id])
})

test('who is refused at the other end of a circuit is told, and does not wait', async () => {
  const server = await relay()
  const place = `${server.getMultiaddrs()[0]?.toString() ?? ''}/p2p-circuit`
  const full = await client({}, [place], { maxConnections: 1 })
  await until(() => full.node.getMultiaddrs().length > 0)
  const other = await client()
  const dialled = other.node.dial(full.node.getMultiaddrs())
  await expect(dialled).rejects.toMatchObject({ message: expect.stringMatching(/reset|closed|EOF/) })
})
