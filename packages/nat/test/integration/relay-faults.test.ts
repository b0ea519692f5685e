import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PrivateKey, Stream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { afterEach, expect, test } from 'vitest'
import { natServices, natTransports } from '../../src/index.ts'
import { isRelayed } from '../../src/paths/choose-path.ts'
import { STOP_PROTOCOL } from '../../src/relay/constants.ts'
import { ECHO, echoed, until } from '../support/network.ts'
import type { Node } from '../support/network.ts'
import { wayTo } from '../support/way-to.ts'
import type { Way } from '../support/way-to.ts'

const LOOPBACK = '/ip4/127.0.0.1/tcp/0'
const nodes: Node[] = []
const ways: Way[] = []

afterEach(async () => {
  ways.splice(0).forEach((way) => way.close())
  for (const node of nodes.splice(0).reverse()) {
    await node.stop()
  }
})

interface Init {
  readonly relayServer?: boolean
  readonly privateKey?: PrivateKey
}

async function create(listen: string[], { relayServer = false, privateKey }: Init = {}): Promise<Node> {
  const node = await createLibp2p({
    ...(privateKey === undefined ? {} : { privateKey }),
    addresses: { listen },
    transports: [tcp(), ...natTransports()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
    services: natServices({ relayServer, holePunching: false })
  })
  nodes.push(node)
  const echo = async (stream: Stream): Promise<void> => {
    for await (const chunk of stream) {
      stream.send(chunk.subarray())
    }
  }
  await node.handle(ECHO, echo, { runOnLimitedConnection: true })
  return node
}

function direct(of: Node): Multiaddr {
  return of.getMultiaddrs().find((remoteAddr) => !isRelayed({ remoteAddr }))!
}

/** Listens at the relay `through`, reached at `at`. */
async function behind(through: Node, at = direct(through), init: Init = {}): Promise<Node> {
  const node = await create([`${at.toString()}/p2p-circuit`], init)
  await until(() => node.getMultiaddrs().length > 0)
  return node
}

function over(relay: Node, peer: Node): Multiaddr {
  return multiaddr(`${direct(relay).toString()}/p2p-circuit/p2p/${peer.peerId.toString()}`)
}

test('who took its place at a relay anew is reached where it is now, also by those who had a circuit to it', async () => {
  const relay = await create([LOOPBACK], { relayServer: true })
  const way = await wayTo(relay)
  ways.push(way)
  const privateKey = await generateKeyPair('Ed25519')
  const before = await behind(relay, way.address, { privateKey })
  const other = await create([LOOPBACK])
  const held = await other.dial(over(relay, before))
  way.freeze()
  const now = await behind(relay, direct(relay), { privateKey })
  for (const from of [await create([LOOPBACK]), other]) {
    const connection = await from.dial(over(relay, now))
    expect(connection.id).not.toBe(held.id)
    const stream = await connection.newStream(ECHO, { runOnLimitedConnection: true })
    expect(await echoed(stream, 100)).toBe(100)
  }
})

test.each([
  ['resets it', (stream: Stream) => stream.abort(new Error('no'))],
  ['does not speak it', undefined]
])('who asks for a circuit is told why there is none where its target %s', async (_, handler) => {
  const relay = await create([LOOPBACK], { relayServer: true })
  const target = await behind(relay)
  const other = await create([LOOPBACK])
  await target.unhandle(STOP_PROTOCOL)
  if (handler !== undefined) {
    await target.handle(STOP_PROTOCOL, handler, { runOnLimitedConnection: true })
  }
  await expect(other.dial(over(relay, target))).rejects.toThrow('CONNECTION_FAILED')
})

test.each(['inbound', 'outbound'])(
  'a relay is asked over a direct connection, %s, not over a circuit to it',
  async (side) => {
    const first = await create([LOOPBACK], { relayServer: true })
    const relay = await create([LOOPBACK, `${direct(first).toString()}/p2p-circuit`], { relayServer: true })
    await until(() => relay.getMultiaddrs().length > 1)
    const target = await behind(relay)
    const other = await create([LOOPBACK])
    if (side === 'outbound') {
      await other.dial(direct(relay))
    }
    await other.dial(over(first, relay), { force: true })
    if (side === 'inbound') {
      await relay.dial(direct(other), { force: true })
    }
    await until(() => other.getConnections(relay.peerId).length === 2)
    const connection = await other.dial(over(relay, target))
    expect(connection.remotePeer.equals(target.peerId)).toBe(true)
  }
)
