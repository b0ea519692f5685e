import { networkInterfaces } from 'node:os'
import type { Connection, Libp2p } from '@libp2p/interface'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { datagramEndpointSymbol, localPortDialerSymbol } from '@p2pshare/interface'
import type { DatagramEndpoint, DatagramSocket, LocalPortDialer } from '@p2pshare/interface'
import { createLibp2p } from 'libp2p'
import { afterEach, expect, test } from 'vitest'
import { MAX_INFO_STREAMS, MAX_REPEATS } from '../../src/prober/constants.ts'
import { OBSERVED_PROTOCOL, Prober, STUN_PROTOCOL, StunService } from '../../src/prober/index.ts'
import type { ProberComponents, ProberInit, StunServiceComponents, StunServiceInit } from '../../src/prober/index.ts'
import { askPeer } from '../../src/prober/exchange.ts'
import { probeTcp } from '../../src/prober/tcp-outside.ts'
import { Trials } from '../../src/trials.ts'
import { decodeObserved, decodeStunInfo, encodeStunQuery } from '../../src/prober/wire/codec.ts'
import { override } from '../../src/standard/override.ts'
import { bindDgram } from '../../src/stun/dgram-socket.ts'
import { StunServer } from '../../src/stun/server.ts'
import { SimNat } from '../support/sim-nat.ts'

type Server = Libp2p<{ stun: StunService }>
type Client = Libp2p<{ prober: Prober }>

const stops: (() => unknown)[] = []
// the guard is that of the test: a time that began with the file would end while later tests still run
const { signal } = new AbortController()

/** Longer than a busy machine keeps an answer that is there already. */
const GRACE_MS = 300

afterEach(async () => {
  await Promise.allSettled(stops.splice(0).map(async (stop) => stop()))
})

const ip6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'))

const common = () => ({
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()]
})

async function serve(host: string, init: StunServiceInit = {}): Promise<Server> {
  const node = await createLibp2p({
    ...common(),
    addresses: { listen: [`/ip4/${host}/tcp/0`] },
    services: {
      identify: identify(),
      stun: (components: StunServiceComponents) => new StunService(components, { host, ...init })
    }
  })
  stops.push(async () => node.stop())
  return node
}

async function client(
  init: ProberInit = {},
  endpoint?: Partial<DatagramEndpoint>,
  dialer?: LocalPortDialer,
  remote?: string
): Promise<Client> {
  const { transports, ...rest } = common()
  const node = await createLibp2p({
    ...rest,
    transports: transports.map((create) => (components) => {
      const shares = { [datagramEndpointSymbol]: endpoint, [localPortDialerSymbol]: dialer }
      return Object.assign(create(components), shares)
    }),
    addresses: { listen: [] },
    services: {
      identify: identify(),
      prober: (components: ProberComponents) =>
        new Prober(remote === undefined ? components : connectedAt(remote, components), { graceMs: GRACE_MS, ...init })
    }
  })
  stops.push(async () => node.stop())
  return node
}

/** A node whose connections say that their other end is there. */
function connectedAt(remote: string, components: ProberComponents): ProberComponents {
  const { registrar } = components
  return override(components, {
    registrar: override(registrar, {
      register: async (protocol, topology) =>
        registrar.register(protocol, {
          ...topology,
          onConnect: (peer, connection) =>
            topology.onConnect?.(peer, override(connection, { remoteAddr: multiaddr(remote) }))
        })
    })
  })
}

/** Sockets whose datagrams only reach one port. */
function onlyTo(port: number): (family: 4 | 6) => Promise<DatagramSocket> {
  return async (family) => {
    const socket = await bindDgram(family, { host: '127.0.0.1', port: 0 })
    const send = socket.send.bind(socket)
    return Object.assign(socket, {
      send: (bytes: Uint8Array, to: { host: string; port: number }) => (to.port === port ? send(bytes, to) : undefined)
    })
  }
}

function serverStreams(server: Server): number {
  return server
    .getConnections()
    .flatMap(({ streams }) => streams)
    .filter(({ protocol }) => protocol === STUN_PROTOCOL).length
}

function nat(part: Partial<ConstructorParameters<typeof SimNat>[0]> = {}): SimNat {
  const simulated = new SimNat({
    host: '127.5.0.1',
    mapping: 'endpoint-independent',
    filtering: 'address-and-port-dependent',
    ports: 'preserving',
    ...part
  })
  stops.push(() => simulated.close())
  return simulated
}

test('a node learns of servers from the peers it meets, and of its NAT from the servers', async () => {
  const servers = [await serve('127.6.0.1'), await serve('127.6.0.2')]
  const node = await client({ open: nat().open, ownHosts: () => ['192.168.1.2'] })
  expect(node.services.prober.current(4)).toBeUndefined()
  for (const server of servers) {
    await node.dial(server.getMultiaddrs())
  }
  await until(() => node.services.prober.servers().length === 2)
  await node.services.prober.probe({ signal })
  expect(node.services.prober.current(4)).toMatchObject({
    udp: true,
    mapping: 'endpoint-independent',
    filtering: 'address-and-port-dependent',
    preservesPorts: true,
    outside: { host: '127.5.0.1' }
  })
  await until(() => node.services.prober.clockOffset()?.samples === 2)
})

test('a probing starts by itself when a server is met', async () => {
  const server = await serve('127.0.0.1')
  const node = await client({ open: nat().open })
  const ready = node.services.prober.ready({ signal, waitMs: 50_000 })
  await node.dial(server.getMultiaddrs())
  expect(await ready).toBe(true)
  expect(node.services.prober.current(4)?.udp).toBe(true)
})

test('without servers there is nothing to tell, and waiting for it ends', async () => {
  const node = await client()
  expect(await node.services.prober.ready({ signal, waitMs: 5 })).toBe(false)
  expect(await node.services.prober.probe({ signal })).toEqual([])
  const controller = new AbortController()
  const waiting = node.services.prober.ready({ signal: controller.signal, waitMs: 50_000 })
  controller.abort(new DOMException('enough', 'AbortError'))
  await expect(waiting).rejects.toThrow('enough')
})

test('servers named by the user are asked too', async () => {
  const server = await serve('127.0.0.1')
  const [endpoint] = server.services.stun.endpoints()
  const servers = [multiaddr(`/ip4/127.0.0.1/udp/${endpoint?.port}`), multiaddr('/ip4/127.0.0.1/tcp/1')]
  const node = await client({ servers, open: nat().open })
  expect(node.services.prober.servers()).toHaveLength(1)
  const [found] = await node.services.prober.probe({ signal })
  expect(found?.outside?.host).toBe('127.5.0.1')
})

test('a probing that leaves the mapping open is repeated as often as the bound, and not once more', async () => {
  const server = await serve('127.0.0.1')
  const silent = await bindDgram(4, { host: '127.0.0.1', port: 0 })
  stops.push(() => silent.close())
  const [endpoint] = server.services.stun.endpoints()
  // with the answers of one address alone nobody can tell
  const primary = `/ip4/127.0.0.1/udp/${endpoint?.port}`
  const node = await client({
    open: onlyTo(endpoint?.port ?? 0),
    ownHosts: () => [],
    servers: [multiaddr(primary), multiaddr(`/ip4/127.0.0.1/udp/${silent.local.port}`)]
  })
  let probings = 0
  node.services.prober.addEventListener('nat:class', () => probings++)
  const [found] = await node.services.prober.probe({ signal })
  expect(found).toMatchObject({ udp: true })
  expect(found?.mapping).toBeUndefined()
  expect(probings).toBe(1 + MAX_REPEATS)
})

test('the sockets of a transport are asked about anew, in their order', async () => {
  const server = await serve('127.0.0.1')
  const simulated = nat({ mapping: 'address-and-port-dependent', ports: 'random' })
  const sockets: DatagramSocket[] = [await simulated.open(4), await simulated.open(4)]
  const node = await client({ open: simulated.open }, { sockets: () => sockets })
  await node.dial(server.getMultiaddrs())
  await node.services.prober.ready({ signal, waitMs: 50_000 })
  const classes = await node.services.prober.learnOutside(signal)
  expect(classes.map(({ outside }) => outside?.host)).toEqual(['127.5.0.1', '127.5.0.1'])
  expect(classes[0]?.outside?.port).not.toBe(classes[1]?.outside?.port)
  expect(classes[0]?.mapping).toBe('address-and-port-dependent')
  await expect(
    node.services.prober.learnOutside(AbortSignal.abort(new DOMException('no', 'AbortError')))
  ).rejects.toThrow('no')
})

test('a change of this machine’s addresses is probed', async () => {
  const server = await serve('127.0.0.1')
  let hosts = ['192.168.1.2']
  const node = await client({ open: nat().open, ownHosts: () => hosts, addressCheckMs: 5 })
  await node.dial(server.getMultiaddrs())
  await node.services.prober.ready({ signal, waitMs: 50_000 })
  const probed = new Promise((resolve) => node.services.prober.addEventListener('nat:class', resolve, { once: true }))
  hosts = ['127.5.0.1']
  await probed
  await until(() => node.services.prober.current(4)?.mapping === 'none')
})

test('a transport that begins to listen is probed', async () => {
  const server = await serve('127.0.0.1')
  const simulated = nat()
  const sockets: DatagramSocket[] = []
  const node = await client({ open: simulated.open }, { sockets: () => sockets })
  await node.dial(server.getMultiaddrs())
  await node.services.prober.ready({ signal, waitMs: 50_000 })
  const listening = await simulated.open(4)
  sockets.push(listening)
  eventsOf(node).safeDispatchEvent('transport:listening', {})
  await until(() => node.services.prober.current(4)?.outside?.port === listening.local.port)
})

test('a server of two hosts says so, and answers from the other', async () => {
  const server = await serve('127.6.0.1', { otherHost: ['::1', '127.6.0.2'] })
  expect(server.services.stun.endpoints()).toEqual([
    { family: 4, port: expect.any(Number), otherPort: expect.any(Number), otherHost: '127.6.0.2' }
  ])
  const node = await client({ open: nat({ filtering: 'endpoint-independent' }).open, ownHosts: () => [] })
  await node.dial(server.getMultiaddrs())
  await node.services.prober.ready({ signal, waitMs: 50_000 })
  expect(node.services.prober.current(4)?.filtering).toBe('endpoint-independent')
  expect(server.services.stun.stats.answered).toBeGreaterThan(0)
})

test('a machine with IPv6 answers over both', async () => {
  const node = await createLibp2p({
    ...common(),
    addresses: { listen: [] },
    services: { stun: (components: StunServiceComponents) => new StunService(components) }
  })
  stops.push(async () => node.stop())
  expect(node.services.stun.endpoints().map(({ family }) => family)).toEqual(ip6 ? [4, 6] : [4])
})

test('a second NAT shows by the address that the router maps at', async () => {
  const server = await serve('127.0.0.1')
  const node = await client({ open: nat().open, mappedHost: () => '100.64.1.1' })
  await node.dial(server.getMultiaddrs())
  await node.services.prober.ready({ signal, waitMs: 50_000 })
  expect(node.services.prober.current(4)?.doubleNat).toBe(true)
})

test('a server tells what it sees, what time it is, and knocks where it was asked from', async () => {
  const server = await serve('127.0.0.1', { clock: () => 1_700_000_000_000 })
  const node = await client()
  const connection = await node.dial(server.getMultiaddrs())
  const observed = decodeObserved(await askPeer(connection, OBSERVED_PROTOCOL, undefined, signal))
  expect(observed.address.toString()).toMatch(/^\/ip4\/127\.0\.0\.1\/tcp\/\d+$/)
  expect(observed.timeMs).toBe(1_700_000_000_000)
  const socket = await bindDgram(4, { host: '127.0.0.1' })
  stops.push(() => socket.close())
  const knocked = new Promise((resolve) =>
    socket.handle((bytes, from) => {
      resolve([bytes, from])
      return true
    })
  )
  const question = encodeStunQuery({ knock: { port: socket.local.port, transactionId: new Uint8Array(12) } })
  const info = decodeStunInfo(await askPeer(connection, STUN_PROTOCOL, question, signal))
  expect(info.knocked).toBe(true)
  expect(await knocked).toEqual([expect.any(Uint8Array), { host: '127.0.0.1', port: info.endpoints[0]?.port }])
})

test('a question that is nonsense resets its stream and nothing else', async () => {
  const server = await serve('127.0.0.1')
  const node = await client()
  const connection = await node.dial(server.getMultiaddrs())
  await expect(askPeer(connection, STUN_PROTOCOL, Uint8Array.of(8), signal)).rejects.toThrow()
  expect(decodeStunInfo(await askPeer(connection, STUN_PROTOCOL, encodeStunQuery({}), signal)).endpoints).toHaveLength(
    1
  )
})

test('a connection has as many exchanges open as the bound, and not one more', async () => {
  const server = await serve('127.0.0.1')
  // without a prober, which would ask on its own
  const node = await createLibp2p({ ...common(), addresses: { listen: [] } })
  stops.push(async () => node.stop())
  const connection = await node.dial(server.getMultiaddrs())
  const ask = async (): Promise<Uint8Array> => askPeer(connection, STUN_PROTOCOL, encodeStunQuery({}), signal)
  const open = async (): Promise<unknown> => connection.newStream(STUN_PROTOCOL, { signal })
  await Promise.all(Array.from({ length: MAX_INFO_STREAMS - 1 }, open))
  expect(decodeStunInfo(await ask()).endpoints).toHaveLength(1)
  await until(() => serverStreams(server) === MAX_INFO_STREAMS - 1)
  await open()
  await until(() => serverStreams(server) === MAX_INFO_STREAMS)
  await expect(ask()).rejects.toThrow()
})

test('a server answers on the sockets of a transport that shares them', async () => {
  const shared = await bindDgram(4, { host: '127.0.0.1' })
  const listening: DatagramSocket[] = []
  const endpoint: Partial<DatagramEndpoint> = { sockets: () => listening }
  const node = await createLibp2p({
    ...common(),
    transports: [(components) => Object.assign(tcp()(components), { [datagramEndpointSymbol]: endpoint })],
    addresses: { listen: [] },
    services: { stun: (components: StunServiceComponents) => new StunService(components) }
  })
  stops.push(
    async () => node.stop(),
    () => shared.close()
  )
  expect(node.services.stun.endpoints()).toEqual([])
  listening.push(shared)
  eventsOf(node).safeDispatchEvent('transport:listening', {})
  await until(() => node.services.stun.endpoints().length === 1)
  expect(node.services.stun.endpoints()[0]?.port).toBe(shared.local.port)
})

test('a server that dialled us is dialled back for TCP where it says it listens', async () => {
  const server = await serve('127.0.0.1')
  const listening = await createLibp2p({
    ...common(),
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    services: {
      identify: identify(),
      prober: (components: ProberComponents) => new Prober(components, { graceMs: GRACE_MS })
    }
  })
  stops.push(async () => listening.stop())
  await server.dial(listening.getMultiaddrs())
  await until(() => listening.services.prober.servers().length === 1)
  expect(listening.services.prober.servers()[0]?.tcp?.toString()).toBe(server.getMultiaddrs()[0]?.toString())
})

test('the outside address of a TCP port is what two servers agree on', async () => {
  const servers = [await serve('127.6.0.1'), await serve('127.6.0.2')]
  const addresses = servers.flatMap((server) => server.getMultiaddrs())
  const node = await client()
  const ports: number[] = []
  const trials = new Trials()
  const dialer: LocalPortDialer = {
    dialFrom: async (port, address, options): Promise<Connection> => {
      ports.push(port)
      return node.dial(address, options)
    }
  }
  // without a transport that keeps the port, each connection comes from another
  expect(await probeTcp({ dialer, servers: addresses, signal, trials, pickPort: () => 50_000 })).toBeUndefined()
  expect(ports).toEqual([50_000, 50_000])
  const alone = await probeTcp({ dialer, servers: addresses.slice(0, 1), signal, trials, pickPort: () => 50_001 })
  expect(alone).toMatchObject({ host: '127.0.0.1', localPort: 50_001 })
  expect(alone?.agreed).toBeUndefined()
  const one = await node.dial(addresses[0] ?? [])
  const keeping: LocalPortDialer = { dialFrom: async () => one }
  expect(await probeTcp({ dialer: keeping, servers: addresses, signal, trials })).toMatchObject({ agreed: true })
  const none: LocalPortDialer = { dialFrom: async () => Promise.reject(new DOMException('taken')) }
  expect(await probeTcp({ dialer: none, servers: addresses, signal, trials })).toBeUndefined()
})

test('while the outside TCP port is asked for, that can be told; servers met meanwhile are asked for it too', async () => {
  const servers = [await serve('127.6.0.3'), await serve('127.6.0.4')]
  const dials: PromiseWithResolvers<Connection>[] = []
  const dialer: LocalPortDialer = {
    dialFrom: async () => {
      const dial = Promise.withResolvers<Connection>()
      dials.push(dial)
      return dial.promise
    }
  }
  const node = await client({ open: nat().open }, undefined, dialer)
  const { prober } = node.services
  await node.dial(servers[0]?.getMultiaddrs() ?? [])
  await until(() => dials.length === 1 && prober.current(4) !== undefined)
  expect(prober.awaitsTcp).toBe(true)
  await node.dial(servers[1]?.getMultiaddrs() ?? [])
  await until(() => dials.length === 3)
  await until(() => {
    dials.forEach(({ reject }) => reject(new DOMException('no way')))
    return !prober.awaitsTcp
  })
  expect(prober.current(4)?.tcpOutside).toBeUndefined()
})

test.each([
  ['passes', 'UDP', '/ip4/127.0.0.1/udp/4001/utp', true],
  ['seems blocked', 'TCP', '/ip4/127.0.0.1/tcp/4001', false]
])('without an answer UDP %s where a peer that answers STUN is connected over %s', async (_, __, remote, udp) => {
  const server = await serve('127.0.0.1')
  const node = await client({ open: onlyTo(1) }, undefined, undefined, remote)
  await node.dial(server.getMultiaddrs())
  await until(() => node.services.prober.servers().length === 1)
  const [found] = await node.services.prober.probe({ signal })
  expect(found).toEqual({ family: 4, udp })
})

test('UDP that seemed blocked is looked at again when an answer comes late', async () => {
  const server = await serve('127.0.0.1')
  let opened = 0
  // the sockets of the first probing are silent, as on a line that is too slow
  const [silent, simulated] = [nat({ host: '127.5.0.2', blocked: true }), nat()]
  const node = await client({ open: async (family) => (++opened <= 11 ? silent : simulated).open(family) })
  const seen: boolean[] = []
  node.services.prober.addEventListener('nat:class', ({ detail }) => void seen.push(detail.udp))
  await node.dial(server.getMultiaddrs())
  await until(() => node.services.prober.current(4)?.udp === true)
  expect(seen).toEqual([false, true])
})

test.skipIf(!ip6)('IPv6 is probed beside IPv4', async () => {
  const primary = await bindDgram(6, { host: '::1' })
  const server = new StunServer({ primary, otherPort: await bindDgram(6, { host: '::1' }) })
  server.start()
  stops.push(() => primary.close())
  const node = await client({
    servers: [multiaddr(`/ip6/::1/udp/${primary.local.port}`)],
    open: async (family) => bindDgram(family, { host: '::1' })
  })
  const [found] = await node.services.prober.probe({ signal })
  expect(found).toMatchObject({ family: 6, udp: true, mapping: 'none' })
})

function eventsOf(node: unknown): StunServiceComponents['events'] {
  return (node as { components: StunServiceComponents }).components.events
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}
