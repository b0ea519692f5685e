import { circuitRelayServer, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { dcutr } from '@libp2p/dcutr'
import { identify } from '@libp2p/identify'
import type { Connection, Libp2p, PeerId, Startable, Stream, Topology } from '@libp2p/interface'
import type { NodeAddress } from '@libp2p/interface-internal'
import { defaultLogger } from '@libp2p/logger'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { seededPeerId, seededRandom } from '@p2pshare/testkit'
import { createLibp2p } from 'libp2p'
import type { ServiceFactoryMap } from 'libp2p'
import { afterEach, expect, test } from 'vitest'
import { MAX_DCUTR_ADDRESSES } from '../../src/standard/constants.ts'
import { punchAddresses } from '../../src/standard/dcutr.ts'
import { standardDCUtR } from '../../src/standard/index.ts'
import { until } from '../support/network.ts'

const SINK = '/test/sink/1.0.0'
/** Below the 128 KiB that a relay carries by default. */
const CHUNK_BYTES = 4 * 1024
const CHUNKS = 20

const cleanup: Libp2p[] = []

afterEach(async () => {
  await Promise.all(cleanup.splice(0).map(async (node) => node.stop()))
})

async function createNode(services: ServiceFactoryMap, listen: string[] = ['/ip4/127.0.0.1/tcp/0']): Promise<Libp2p> {
  const node = await createLibp2p({
    addresses: { listen },
    transports: [tcp(), circuitRelayTransport()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify(), ...services }
  })
  cleanup.push(node)
  return node
}

/** A name counts as public for DCUtR; this one is loopback. */
function announceByName(node: Libp2p): void {
  const port = /127\.0\.0\.1\/tcp\/(\d+)/.exec(node.getMultiaddrs().join(' '))?.[1] ?? ''
  const { components } = node as unknown as { components: { addressManager: { appendAnnounce: Set<string> } } }
  components.addressManager.appendAnnounce.add(`/dns4/localhost/tcp/${port}`)
}

/** A dials B over a relay while B can dial A directly: B upgrades as soon as it knows A. */
async function relayed(a: Libp2p, services: ServiceFactoryMap): Promise<{ b: Libp2p; connection: Connection }> {
  const relay = await createNode({ relay: circuitRelayServer() })
  const [relayAddress] = relay.getMultiaddrs()
  const b = await createNode(services, [`${String(relayAddress)}/p2p-circuit`])
  await until(() => b.getMultiaddrs().length > 0)
  const connection = await a.dial(multiaddr(`${String(relayAddress)}/p2p-circuit/p2p/${b.peerId.toString()}`))
  return { b, connection }
}

test('a stream in flight is not cut when a direct connection comes, and the relayed one goes when nothing uses it', async () => {
  const a = await createNode({ dcutr: standardDCUtR({ drainCheckMs: 20 }) })
  announceByName(a)
  const { b, connection } = await relayed(a, { dcutr: standardDCUtR({ drainCheckMs: 20 }) })
  let received = 0
  await b.handle(
    SINK,
    async (stream: Stream) => {
      for await (const chunk of stream) {
        received += chunk.byteLength
      }
      await stream.close()
    },
    { runOnLimitedConnection: true }
  )
  const stream = await connection.newStream(SINK, { runOnLimitedConnection: true })
  stream.send(new Uint8Array(CHUNK_BYTES))
  await until(() => b.getConnections(a.peerId).some(({ limits }) => limits === undefined))
  for (let sent = 1; sent < CHUNKS; sent++) {
    stream.send(new Uint8Array(CHUNK_BYTES))
    await until(() => received === CHUNK_BYTES * (sent + 1))
  }
  expect(connection.status).toBe('open')
  await stream.close()
  await until(() => connection.status === 'closed')
  expect(received).toBe(CHUNKS * CHUNK_BYTES)
  expect(b.getConnections(a.peerId)).toHaveLength(1)
})

test('a peer with our own way through NATs is not upgraded by DCUtR', async () => {
  const ours = await seededPeerId(seededRandom(1))
  const other = await seededPeerId(seededRandom(2))
  const asked: string[] = []
  const { promise: othersAsked, resolve } = Promise.withResolvers<undefined>()
  let topology: Topology | undefined
  const components = {
    logger: defaultLogger(),
    peerStore: {
      get: async (peer: PeerId) =>
        Promise.resolve({ protocols: peer === ours ? ['/p2pshare/punch/1.0.0'] : [], addresses: [] })
    },
    registrar: {
      register: async (_: string, given: Topology) => {
        topology = given
        return Promise.resolve('id')
      },
      handle: async () => Promise.resolve()
    },
    addressManager: {},
    transportManager: {},
    connectionManager: {}
  }
  const service = standardDCUtR({ retries: 1 })(components as never) as Startable
  await service.start()
  const meet = (peer: PeerId): void => {
    const connection = {
      remotePeer: peer,
      remoteAddr: multiaddr(`/ip4/6.6.1.1/tcp/1/p2p/${String(ours)}/p2p-circuit/p2p/${String(peer)}`),
      direction: 'inbound',
      status: 'open',
      newStream: async () => {
        asked.push(String(peer))
        resolve(undefined)
        return Promise.reject(new TypeError('no stream'))
      }
    }
    void topology?.onConnect?.(peer, connection as never)
  }
  meet(ours)
  meet(other)
  await othersAsked
  expect(asked).toEqual([String(other)])
})

test('it speaks with the stock one', async () => {
  const a = await createNode({ dcutr: dcutr() })
  announceByName(a)
  const { b } = await relayed(a, { dcutr: standardDCUtR({ drainCheckMs: 20 }) })
  await until(() => b.getConnections(a.peerId).some(({ limits }) => limits === undefined))
})

const own = (text: string): NodeAddress => ({
  multiaddr: multiaddr(text),
  verified: false,
  expires: 0,
  type: 'observed'
})

test('a node behind a NAT offers what it was observed at, and the port it dials from', () => {
  const relay = '12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8'
  const known = [
    '/ip4/192.168.1.7/tcp/4001',
    '/ip4/5.5.1.1/udp/4001/utp',
    `/ip4/6.6.1.1/tcp/1/p2p/${relay}/p2p-circuit`
  ].map(own)
  const knowledge = {
    current: () => ({ family: 4 as const, udp: true, tcpOutside: { host: '5.5.1.1', port: 39_000, localPort: 39_000 } })
  }
  const offered = punchAddresses({ getAddressesWithMetadata: () => known }, knowledge)
  expect(offered.map(String)).toEqual(['/ip4/5.5.1.1/tcp/39000', '/ip4/5.5.1.1/udp/4001/utp'])
})

test(`at most ${MAX_DCUTR_ADDRESSES} addresses are offered`, () => {
  const offer = (count: number) => {
    const known = Array.from({ length: count }, (_, index) => own(`/ip4/5.5.1.1/tcp/${4001 + index}`))
    return punchAddresses({ getAddressesWithMetadata: () => known }, undefined).length
  }
  expect([offer(MAX_DCUTR_ADDRESSES), offer(MAX_DCUTR_ADDRESSES + 1)]).toEqual([16, 16])
})
