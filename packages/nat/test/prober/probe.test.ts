import type { DatagramAddress, DatagramSocket } from '@p2pshare/interface'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { probe } from '../../src/prober/probe.ts'
import type { Knocker, ProbeInit } from '../../src/prober/probe.ts'
import { bindDgram } from '../../src/stun/dgram-socket.ts'
import { StunServer } from '../../src/stun/server.ts'
import { SimNat } from '../support/sim-nat.ts'
import type { SimNatInit } from '../support/sim-nat.ts'

// every address of 127/8 is this machine on Linux: the servers and each NAT have hosts of their own
const SERVER_HOSTS = ['127.3.0.1', '127.3.0.2'] as const
const SECOND_HOST = '127.3.0.3'

const sockets: DatagramSocket[] = []
const nats: SimNat[] = []
let nextNat = 1
/** Two hosts with two ports each. */
let full: StunServer
/** Another server, with one host and two ports. */
let second: StunServer
let fullAddress: DatagramAddress
let secondAddress: DatagramAddress

const open = async (host: string, port = 0): Promise<DatagramSocket> => {
  const socket = await bindDgram(4, { host, port })
  sockets.push(socket)
  return socket
}

beforeAll(async () => {
  const primary = await open(SERVER_HOSTS[0])
  const otherPort = await open(SERVER_HOSTS[0])
  full = new StunServer({
    primary,
    otherPort,
    otherHost: await open(SERVER_HOSTS[1], primary.local.port),
    otherBoth: await open(SERVER_HOSTS[1], otherPort.local.port)
  })
  second = new StunServer({ primary: await open(SECOND_HOST), otherPort: await open(SECOND_HOST) })
  full.start()
  second.start()
  fullAddress = primary.local
  secondAddress = { host: SECOND_HOST, port: second.endpoints.port }
})

afterEach(() => {
  nats.splice(0).forEach((nat) => nat.close())
})

afterAll(() => {
  full.stop()
  second.stop()
  sockets.forEach((socket) => socket.close())
})

function nat(init: Partial<SimNatInit>): SimNat {
  const created = new SimNat({
    host: `127.4.0.${nextNat++}`,
    mapping: 'endpoint-independent',
    filtering: 'address-and-port-dependent',
    ports: 'preserving',
    ...init
  })
  nats.push(created)
  return created
}

function init(part: Partial<ProbeInit>): ProbeInit {
  return {
    family: 4,
    servers: [{ address: fullAddress }],
    ownHosts: ['192.168.1.2'],
    open: async (family) => bindDgram(family, { host: '127.0.0.1' }),
    knockers: [],
    // longer than a busy machine keeps an answer that is there already
    graceMs: 500,
    retryMs: 2_000,
    now: () => performance.now(),
    signal: new AbortController().signal,
    ...part
  }
}

test.each([
  ['full cone', 'endpoint-independent', 'endpoint-independent'],
  ['address-restricted cone', 'endpoint-independent', 'address-dependent'],
  ['port-restricted cone', 'endpoint-independent', 'address-and-port-dependent'],
  ['address-dependent mapping', 'address-dependent', 'address-dependent'],
  ['symmetric', 'address-and-port-dependent', 'address-and-port-dependent']
] as const)('one server of two hosts tells a %s NAT', async (_, mapping, filtering) => {
  const ports = mapping === 'endpoint-independent' ? 'preserving' : 'random'
  const found = await probe(init({ open: nat({ mapping, filtering, ports }).open }))
  expect(found).toMatchObject({ family: 4, udp: true, mapping, filtering, preservesPorts: ports === 'preserving' })
  expect(found.outside?.host).toMatch(/^127\.4\./)
  expect(found).not.toHaveProperty('pool')
})

test('a listening socket with no NAT in front is seen as it is', async () => {
  const listening = await open('127.0.0.1')
  const found = await probe(init({ listening, ownHosts: ['127.0.0.1'] }))
  expect(found).toEqual({
    family: 4,
    udp: true,
    mapping: 'none',
    filtering: 'endpoint-independent',
    preservesPorts: true,
    outside: listening.local
  })
})

test('the outside address is that of the listening socket', async () => {
  const simulated = nat({})
  const listening = await simulated.open(4)
  const found = await probe(init({ listening, open: simulated.open }))
  expect(found.outside?.port).toBe(listening.local.port)
})

test('a symmetric NAT with few ports gives them away', async () => {
  const ports = { low: 23_000, high: 23_063 }
  const { open: inside } = nat({ mapping: 'address-and-port-dependent', ports })
  const { pool, mapping } = await probe(init({ open: inside }))
  expect(mapping).toBe('address-and-port-dependent')
  expect(pool?.low).toBeGreaterThanOrEqual(ports.low - 10)
  expect(pool?.low).toBeLessThanOrEqual(ports.low + 10)
  expect(pool?.high).toBeGreaterThanOrEqual(ports.high - 10)
  expect(pool?.high).toBeLessThanOrEqual(ports.high + 10)
})

test('two servers of one host each tell the mapping too, and of two possible filters the stricter counts', async () => {
  const lonely = new StunServer({ primary: await open('127.3.0.9') })
  lonely.start()
  const pair = [{ address: secondAddress }, { address: { host: '127.3.0.9', port: lonely.endpoints.port } }]
  const easy = await probe(init({ servers: pair, open: nat({ filtering: 'address-dependent' }).open }))
  expect(easy).toMatchObject({ mapping: 'endpoint-independent', filtering: 'address-dependent' })
  const hard = await probe(
    init({ servers: pair, open: nat({ mapping: 'address-and-port-dependent', ports: 'random' }).open })
  )
  expect(hard).toMatchObject({
    mapping: 'address-and-port-dependent',
    filtering: 'address-and-port-dependent'
  })
  lonely.stop()
})

test.each([
  ['endpoint-independent', 'endpoint-independent'],
  ['address-dependent', 'address-dependent']
] as const)('where no server has two hosts, one that was not asked knocks: %s', async (filtering, expected) => {
  const simulated = nat({ filtering })
  const host = SERVER_HOSTS[0]
  const outside = (port: number): DatagramAddress => ({ host: `127.4.0.${nextNat - 1}`, port })
  const knocker: Knocker = { host, knock: async (port, id) => full.knock(outside(port), id) }
  const found = await probe(init({ servers: [{ address: secondAddress }], open: simulated.open, knockers: [knocker] }))
  expect(found.filtering).toBe(expected)
})

test('UDP that is blocked is known after two tries', async () => {
  expect(await probe(init({ open: nat({ blocked: true }).open, retryMs: 250 }))).toEqual({ family: 4, udp: false })
})

test('a server that is gone does not hinder', async () => {
  const gone = await bindDgram(4, { host: '127.3.0.8' })
  gone.close()
  const servers = [{ address: gone.local }, { address: fullAddress }]
  const found = await probe(init({ servers, open: nat({}).open }))
  expect(found).toMatchObject({ mapping: 'endpoint-independent', filtering: 'address-and-port-dependent' })
})

test('lost datagrams do not change the class', async () => {
  const found = await probe(init({ open: nat({ filtering: 'address-dependent', loseEvery: 4 }).open }))
  expect(found).toMatchObject({ mapping: 'endpoint-independent', filtering: 'address-dependent' })
})

test.each([true, false])('whether two sockets meet at the outside address: %s', async (hairpin) => {
  const found = await probe(init({ open: nat({ hairpin }).open }))
  expect(found.hairpin).toBe(hairpin)
})

test('an abort ends a probing and closes its sockets, before and while it runs', async () => {
  const controller = new AbortController()
  let open = 0
  const simulated = nat({ blocked: true })
  const counted = async (family: 4 | 6): Promise<DatagramSocket> => {
    const socket = await simulated.open(family)
    open += 1
    return {
      ...socket,
      close: () => {
        open -= 1
        socket.close()
        socket.close()
      }
    }
  }
  const running = probe(init({ open: counted, signal: controller.signal }))
  setTimeout(() => controller.abort(new DOMException('enough', 'AbortError')), 10)
  await expect(running).rejects.toThrow('enough')
  expect(open).toBe(0)
  await expect(probe(init({ signal: controller.signal }))).rejects.toThrow('enough')
})
