import { autoNAT } from '@libp2p/autonat'
import type { AutoNATComponents } from '@libp2p/autonat'
import { circuitRelayServer, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import { AbortError } from '@libp2p/interface'
import type { Libp2p, Stream } from '@libp2p/interface'
import type { AddressManager } from '@libp2p/interface-internal'
import { noise } from '@libp2p/noise'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { afterEach, expect, test } from 'vitest'
import { standardAutoNAT } from '../../src/standard/index.ts'
import { ECHO, echoed, until } from '../support/network.ts'
import { PUBLIC_IP, publicTcp } from '../support/public-tcp.ts'

type AutoNAT = (components: AutoNATComponents) => unknown
type Node = Libp2p<{ identify: unknown; addresses: { addressManager: AddressManager } }>

const AUTONAT = '/libp2p/autonat/1.0.0'
const cleanup: Libp2p[] = []

afterEach(async () => {
  await Promise.all(cleanup.splice(0).map(async (node) => node.stop()))
})

async function createNode(autonat: AutoNAT, agent: string, relay?: Multiaddr): Promise<Node> {
  const node: Node = await createLibp2p({
    start: false,
    nodeInfo: { userAgent: agent },
    addresses: {
      listen: ['/ip4/127.0.0.1/tcp/0', ...(relay === undefined ? [] : [`${relay.toString()}/p2p-circuit`])]
    },
    transports: [publicTcp(), circuitRelayTransport()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: { denyDialMultiaddr: () => false },
    services: {
      identify: identify(),
      autonat,
      addresses: ({ addressManager }: { addressManager: AddressManager }) => ({ addressManager }),
      ...(relay === undefined ? { relay: circuitRelayServer() } : {})
    }
  })
  await node.handle(ECHO, async (stream: Stream) => {
    for await (const chunk of stream) {
      stream.send(chunk.subarray())
    }
  })
  cleanup.push(node)
  return node
}

function listenAddress(node: Libp2p): Multiaddr {
  const found = node.getMultiaddrs().find((address) => address.toString().includes('127.0.0.1'))
  return multiaddr(found?.toString().replace('127.0.0.1', PUBLIC_IP))
}

function hasReservation(node: Libp2p): boolean {
  return node.getMultiaddrs().some((address) => address.toString().includes('p2p-circuit'))
}

/** A client that listens at a relay, and is told of an outside address that it wants verified. */
async function createClient(autonat: AutoNAT, agent: string, relay: Node): Promise<Node> {
  const client = await createNode(autonat, agent, listenAddress(relay))
  await client.start()
  await until(() => hasReservation(client))
  return client
}

test('a relay verifies an address over a new connection, and the reservation stays', async () => {
  const relay = await createNode(standardAutoNAT(), 'relay/1')
  await relay.start()
  const opened: string[] = []
  const closed: string[] = []
  relay.addEventListener('connection:open', ({ detail }) => opened.push(`${detail.direction} ${detail.id}`))
  relay.addEventListener('connection:close', ({ detail }) => closed.push(`${detail.direction} ${detail.id}`))
  const client = await createClient(asking(autoNAT()), 'go-like/1', relay)
  await until(() => closed.length > 0)
  expect(closed.every((id) => id.startsWith('outbound'))).toBe(true)
  expect(opened.filter((id) => id.startsWith('inbound'))).toHaveLength(1)
  expect(hasReservation(client)).toBe(true)
  // what was opened to try the address goes when nothing is on it
  await until(() => relay.getConnections(client.peerId).length === 1)
})

test('a relay is not asked: one of libp2p 3.3 would close the connection that carries the reservation', async () => {
  const relay = await createNode(autoNAT(), 'relay/1')
  await relay.start()
  const asked: string[] = []
  relay.addEventListener('connection:close', () => asked.push('closed'))
  const client = await createClient(asking(standardAutoNAT()), 'ours/1', relay)
  expect((await client.peerStore.get(relay.peerId)).protocols).toContain(AUTONAT)
  await roundTrips(client, relay)
  expect(asked).toEqual([])
  expect(hasReservation(client)).toBe(true)
})

/** More of them than a question takes that was asked when the two met. */
async function roundTrips(from: Libp2p, to: Libp2p): Promise<void> {
  for (let count = 0; count < 50; count++) {
    const stream = await from.dialProtocol(to.peerId, ECHO)
    await echoed(stream, 1)
    stream.abort(new AbortError())
  }
}

/** The outside address is known before the first connection is made: v1 asks once, when it meets a peer. */
function asking(autonat: AutoNAT): AutoNAT {
  return (components) => {
    const { addressManager } = components
    const known = addressManager.getAddressesWithMetadata.bind(addressManager)
    addressManager.getAddressesWithMetadata = () => {
      const outside = known().flatMap((own) => {
        const text = own.multiaddr.toString()
        return text.includes('127.0.0.1') && !text.includes('p2p-circuit')
          ? [{ ...own, multiaddr: multiaddr(text.replace('127.0.0.1', PUBLIC_IP)), verified: false, expires: 0 }]
          : []
      })
      return [...known(), ...outside]
    }
    return autonat(components)
  }
}
