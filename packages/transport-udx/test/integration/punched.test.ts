import type { Connection, Libp2p, PeerId } from '@libp2p/interface'
import type { DatagramEndpoint, DatagramSocket } from '@p2pshare/interface'
import { seededPeerId, seededRandom } from '@p2pshare/testkit'
import { checkLeaks } from '@p2pshare/testkit/vitest'
import { expect, test } from 'vitest'
import { cleanUpDatagrams, createRouter } from '../support/datagrams.ts'
import { cleanUpNodes, createPair, echoed, until } from '../support/nodes.ts'

checkLeaks()
cleanUpDatagrams()
cleanUpNodes()

const random = seededRandom('udx-punched')

interface Side {
  readonly node: Libp2p
  readonly endpoint: DatagramEndpoint
  readonly socket: DatagramSocket
}

const HOST = '127.0.0.1'

/** What two ends do after they exchanged ids and addresses somewhere else. */
async function connectBoth(
  a: Side,
  b: Side,
  { peerOfB = b.node.peerId, ms = 10_000 }: { peerOfB?: PeerId; ms?: number } = {}
): Promise<[Connection, Connection]> {
  const idOfA = a.endpoint.reserveId()
  const idOfB = b.endpoint.reserveId()
  const signal = AbortSignal.timeout(ms)
  const waiting = b.endpoint.connect(
    b.socket,
    { host: HOST, port: a.socket.local.port },
    { peer: a.node.peerId, localId: idOfB, remoteId: idOfA, initiator: false, signal }
  )
  const dialling = a.endpoint.connect(
    a.socket,
    { host: HOST, port: b.socket.local.port },
    { peer: peerOfB, localId: idOfA, remoteId: idOfB, initiator: true, signal }
  )
  const [dialled, waited] = await Promise.allSettled([dialling, waiting])
  if (dialled.status === 'rejected') {
    throw dialled.reason
  }
  if (waited.status === 'rejected') {
    throw waited.reason
  }
  return [dialled.value, waited.value]
}

async function sides(fresh = true): Promise<[Side, Side]> {
  const [a, b] = await Promise.all([createPair(), createPair()])
  const socketOf = ({ endpoint }: { endpoint: DatagramEndpoint }): DatagramSocket => {
    const [listening] = endpoint.sockets()
    if (listening === undefined) {
      throw new TypeError('does not listen')
    }
    return fresh ? endpoint.open(4) : listening
  }
  return [
    { ...a, socket: socketOf(a) },
    { ...b, socket: socketOf(b) }
  ]
}

test.each([
  ['the sockets that listen', false],
  ['sockets opened for it', true]
])('both ends get a checked connection with ids they agreed on, over %s', async (_, fresh) => {
  const [a, b] = await sides(fresh)
  const [outbound, inbound] = await connectBoth(a, b)
  expect([outbound.direction, inbound.direction]).toEqual(['outbound', 'inbound'])
  expect(outbound.remotePeer.equals(b.node.peerId)).toBe(true)
  expect(inbound.remotePeer.equals(a.node.peerId)).toBe(true)
  expect(a.node.getConnections()).toEqual([outbound])
  const data = random.bytes(300_000)
  expect((await echoed(outbound, data)).equals(data)).toBe(true)
  expect((await echoed(inbound, data)).equals(data)).toBe(true)
  await outbound.close()
  await until(() => b.node.getConnections().length === 0)
})

test('what comes before the other end is ready is not lost', async () => {
  const [a, b] = await sides()
  const router = await createRouter(b.socket.local.port)
  let packets = 0
  router.onForward = (bytes) => {
    packets += bytes[0] === 0xff ? 1 : 0
  }
  const [idOfA, idOfB] = [a.endpoint.reserveId(), b.endpoint.reserveId()]
  const signal = AbortSignal.timeout(10_000)
  const dialling = a.endpoint.connect(
    a.socket,
    { host: HOST, port: router.port },
    { peer: b.node.peerId, localId: idOfA, remoteId: idOfB, initiator: true, signal }
  )
  await until(() => packets === 1)
  await new Promise((resolve) => setTimeout(resolve, 20))
  // sent once, to nobody
  expect(packets).toBe(1)
  const waiting = b.endpoint.connect(
    b.socket,
    { host: HOST, port: router.outsidePort },
    { peer: a.node.peerId, localId: idOfB, remoteId: idOfA, initiator: false, signal }
  )
  const [outbound, inbound] = await Promise.all([dialling, waiting])
  expect([outbound.status, inbound.status]).toEqual(['open', 'open'])
})

test('several tries over one path can run side by side, and the socket goes with the last', async () => {
  const [a, b] = await sides()
  const pairs = await Promise.all([connectBoth(a, b), connectBoth(a, b)])
  const more = await connectBoth(a, b)
  // whoever opened the socket cannot close it any more
  a.socket.close()
  const data = random.bytes(10_000)
  for (const [outbound] of [...pairs, more]) {
    expect((await echoed(outbound, data)).equals(data)).toBe(true)
    await outbound.close()
  }
  await until(() => b.node.getConnections().length === 0)
})

test('another peer at the other end is an UnexpectedPeerError', async () => {
  const [a, b] = await sides()
  const peerOfB = await seededPeerId(random)
  await expect(connectBoth(a, b, { peerOfB, ms: 2000 })).rejects.toMatchObject({ name: 'UnexpectedPeerError' })
  await until(() => b.node.getConnections().length === 0)
  expect(a.node.getConnections()).toEqual([])
})

test('after a failure the same sockets can be tried again, with new ids', async () => {
  const [a, b] = await sides()
  const id = a.endpoint.reserveId()
  const alone = a.endpoint.connect(
    a.socket,
    { host: HOST, port: b.socket.local.port },
    { peer: b.node.peerId, localId: id, remoteId: 77, initiator: true, signal: AbortSignal.timeout(100) }
  )
  await expect(alone).rejects.toMatchObject({ name: 'TimeoutError' })
  const [outbound] = await connectBoth(a, b)
  expect(outbound.status).toBe('open')
})

test('what cannot work is refused before anything is sent', async () => {
  const [a] = await sides()
  const signal = AbortSignal.timeout(5000)
  const peer = a.node.peerId
  const remote = { host: HOST, port: 9 }
  const connect = async (
    options: Partial<{ localId: number; remoteId: number; socket: DatagramSocket; host: string }>
  ): Promise<Connection> =>
    a.endpoint.connect(
      options.socket ?? a.socket,
      { ...remote, host: options.host ?? HOST },
      { peer, localId: options.localId ?? 1, remoteId: options.remoteId ?? 1, initiator: true, signal }
    )
  const closed = a.endpoint.open(4)
  closed.close()
  await expect(connect({})).rejects.toMatchObject({ code: 'ERR_STREAM_ID' })
  await expect(connect({ remoteId: 0 })).rejects.toMatchObject({ code: 'ERR_STREAM_ID' })
  await expect(connect({ remoteId: 2 ** 32 })).rejects.toMatchObject({ code: 'ERR_STREAM_ID' })
  await expect(connect({ socket: closed })).rejects.toMatchObject({ code: 'ERR_SOCKET_UNAVAILABLE' })
  await expect(connect({ host: '::1' })).rejects.toMatchObject({ code: 'ERR_SOCKET_UNAVAILABLE' })
  await expect(connect({ host: 'example.org' })).rejects.toMatchObject({ code: 'ERR_NOT_A_UDX_ADDRESS' })
  const released = a.endpoint.reserveId()
  a.endpoint.releaseId(released)
  await expect(connect({ localId: released })).rejects.toMatchObject({ code: 'ERR_STREAM_ID' })
})

test('so many sockets can be opened, and not one more until one is closed', async () => {
  const { endpoint } = await createPair({ maxOpenSockets: 4 })
  const open = Array.from({ length: 4 }, () => endpoint.open(4))
  expect(() => endpoint.open(4)).toThrow(expect.objectContaining({ code: 'ERR_TOO_MANY_SOCKETS' }))
  open[0]?.close()
  await until(() => {
    try {
      endpoint.open(4)
      return true
    } catch {
      return false
    }
  })
})

test('nobody closes the socket of a listener but the listener', async () => {
  const [a, b] = await sides()
  const [listening] = a.endpoint.sockets()
  listening?.close()
  expect((await b.node.dial(a.node.getMultiaddrs())).status).toBe('open')
})

test('two hundred sockets can be open at a time, and all go away with the node', async () => {
  const { endpoint } = await createPair()
  const open = Array.from({ length: 200 }, () => endpoint.open(4))
  expect(new Set(open.map(({ local }) => local.port)).size).toBe(200)
})

test('a punched connection moves as a dialled one does', async () => {
  const [a, b] = [
    await createPair({ probeIntervalMs: 40, maxMissedProbes: 200 }),
    await createPair({ probeIntervalMs: 40, maxMissedProbes: 200 })
  ]
  const socket = b.endpoint.open(4)
  const near = a.endpoint.open(4)
  const router = await createRouter(socket.local.port)
  const idOfA = a.endpoint.reserveId()
  const idOfB = b.endpoint.reserveId()
  const signal = AbortSignal.timeout(10_000)
  const [connection] = await Promise.all([
    a.endpoint.connect(
      near,
      { host: HOST, port: router.port },
      { peer: b.node.peerId, localId: idOfA, remoteId: idOfB, initiator: true, signal }
    ),
    b.endpoint.connect(
      socket,
      { host: HOST, port: router.outsidePort },
      { peer: a.node.peerId, localId: idOfB, remoteId: idOfA, initiator: false, signal }
    )
  ])
  const data = random.bytes(2 * 1024 * 1024)
  const transfer = echoed(connection, data)
  const { passed } = router
  await until(() => router.passed > passed + 300)
  await router.rebind()
  expect((await transfer).equals(data)).toBe(true)
})
