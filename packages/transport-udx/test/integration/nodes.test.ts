import { identify } from '@libp2p/identify'
import type { AddressManager } from '@libp2p/interface-internal'
import { ping } from '@libp2p/ping'
import { seededPeerId, seededRandom } from '@p2pshare/testkit'
import { checkLeaks } from '@p2pshare/testkit/vitest'
import { expect, test } from 'vitest'
import { addressOf, cleanUpNodes, createNode, drained, echoed, portOf, until } from '../support/nodes.ts'
import { bindSocket, cleanUpDatagrams } from '../support/datagrams.ts'

checkLeaks()
cleanUpDatagrams()
cleanUpNodes()

const random = seededRandom('udx-nodes')

test('two nodes connect, know each other, and answer pings', async () => {
  const alice = await createNode({}, { services: { ping: ping() } })
  const bob = await createNode({}, { services: { ping: ping() } })
  const connection = await alice.dial(bob.getMultiaddrs())
  expect(connection.remotePeer.equals(bob.peerId)).toBe(true)
  expect(connection.encryption).toBe('/noise')
  expect(await alice.services.ping.ping(bob.peerId)).toBeGreaterThanOrEqual(0)
  expect(await bob.services.ping.ping(alice.peerId)).toBeGreaterThanOrEqual(0)
})

test('a mebibyte goes there and back, and both ends see where it comes from', async () => {
  const alice = await createNode()
  const bob = await createNode()
  const connection = await alice.dial(bob.getMultiaddrs())
  const data = random.bytes(1024 * 1024)
  expect((await echoed(connection, data)).equals(data)).toBe(true)
  const [inbound] = bob.getConnections(alice.peerId)
  // dialled from the socket it listens on
  expect(inbound?.remoteAddr.toString()).toBe(addressOf(portOf(alice), alice.peerId).toString())
})

test('IPv6 works as IPv4 does, on the same port', async () => {
  const alice = await createNode({}, { addresses: { listen: ['/ip6/::1/udp/0/utp'] } })
  const bob = await createNode({}, { addresses: { listen: ['/ip4/0.0.0.0/udp/0/utp'] } })
  const both = await createNode({}, { addresses: { listen: ['/ip6/::1/udp/0/utp', '/ip4/127.0.0.1/udp/0/utp'] } })
  const data = random.bytes(100_000)
  for (const [dialer, target] of [
    [alice, both],
    [bob, both]
  ] as const) {
    const connection = await dialer.dial(both.getMultiaddrs())
    expect((await echoed(connection, data)).equals(data)).toBe(true)
    expect(target.getConnections(dialer.peerId)).toHaveLength(1)
  }
})

test('a node that does not listen dials all the same', async () => {
  const alice = await createNode({}, { addresses: { listen: [] } })
  const bob = await createNode()
  const data = random.bytes(10_000)
  expect((await echoed(await alice.dial(bob.getMultiaddrs()), data)).equals(data)).toBe(true)
})

test('who is not the peer that was dialled is not connected to', async () => {
  const alice = await createNode()
  const bob = await createNode()
  const wrong = await seededPeerId(seededRandom('somebody else'))
  await expect(alice.dial(addressOf(portOf(bob), wrong))).rejects.toThrow()
  await until(() => bob.getConnections().length === 0)
  expect(alice.getConnections()).toEqual([])
})

test('a dial to where nobody is ends with its signal, and leaves nothing behind', async () => {
  const alice = await createNode()
  const silent = await bindSocket()
  let asked = 0
  silent.on('message', () => asked++)
  const address = addressOf(silent.address().port)
  await expect(alice.dial(address, { signal: AbortSignal.timeout(300) })).rejects.toThrow()
  expect(asked).toBeGreaterThanOrEqual(1)
})

test('a dial to where nobody is ends by itself', async () => {
  const alice = await createNode({ handshakeTimeoutMs: 50 })
  const silent = await bindSocket()
  await expect(alice.dial(addressOf(silent.address().port))).rejects.toThrow(/50 ms/)
})

test('closing delivers everything that was sent', async () => {
  const alice = await createNode()
  const bob = await createNode()
  const total = 20 * 1024 * 1024
  let received = 0
  const { promise, resolve } = Promise.withResolvers<undefined>()
  await bob.handle('/test/sink/1.0.0', async (stream) => {
    for await (const bytes of stream) {
      received += bytes.byteLength
    }
    resolve(undefined)
  })
  const connection = await alice.dial(bob.getMultiaddrs())
  const stream = await connection.newStream('/test/sink/1.0.0')
  const piece = random.bytes(64 * 1024)
  for (let sent = 0; sent < total; sent += piece.length) {
    if (!stream.send(piece)) {
      await drained(stream)
    }
  }
  await stream.close()
  await connection.close({ signal: AbortSignal.timeout(15_000) })
  await promise
  expect(received).toBe(total)
})

test('an abort at one end is a reset at the other', async () => {
  const alice = await createNode()
  const bob = await createNode()
  const connection = await alice.dial(bob.getMultiaddrs())
  await until(() => bob.getConnections().length === 1)
  const [remote] = bob.getConnections()
  connection.abort(new RangeError('enough'))
  await until(() => remote?.status !== 'open')
  expect(remote?.status).toBe('reset')
  expect(connection.status).toBe('aborted')
})

test('twenty dials at once over one socket all come through', async () => {
  const bob = await createNode()
  const dialers = await Promise.all(Array.from({ length: 20 }, async () => createNode()))
  const connections = await Promise.all(dialers.map(async (dialer) => dialer.dial(bob.getMultiaddrs())))
  expect(connections.map(({ status }) => status)).toEqual(Array(20).fill('open'))
  // who dialled knows half a round trip before
  await until(() => bob.getConnections().length === 20)
})

test('a node can stop and start again on its port', async () => {
  const alice = await createNode()
  const bob = await createNode()
  await alice.dial(bob.getMultiaddrs())
  await bob.stop()
  await until(() => alice.getConnections().length === 0)
  await bob.start()
  expect((await alice.dial(bob.getMultiaddrs())).status).toBe('open')
})

test('identify takes the signed record with our address in it, and keeps the observed one', async () => {
  const options = {
    services: {
      identify: identify({ runOnConnectionOpen: true }),
      own: ({ addressManager }: { addressManager: AddressManager }) => addressManager
    }
  }
  const alice = await createNode({}, options)
  const bob = await createNode({}, options)
  const identified = new Promise<string | undefined>((resolve) => {
    alice.addEventListener('peer:identify', ({ detail }) => {
      resolve(detail.observedAddr?.toString())
    })
  })
  await alice.dial(bob.getMultiaddrs())
  // what bob sees is where alice listens: the mapping of a NAT, where there is one
  expect(await identified).toBe(addressOf(portOf(alice), alice.peerId).toString())
  expect(alice.services.own.getAddressesWithMetadata().map(({ multiaddr }) => multiaddr.toString())).toContain(
    addressOf(portOf(alice)).toString()
  )
  const { addresses } = await alice.peerStore.get(bob.peerId)
  expect(addresses.map(({ multiaddr }) => multiaddr.toString())).toContain(addressOf(portOf(bob)).toString())
  expect(addresses.some(({ isCertified }) => isCertified)).toBe(true)
})
