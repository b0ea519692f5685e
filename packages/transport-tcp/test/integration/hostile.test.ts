import type { Socket } from 'node:net'
import { seededRandom } from '@p2pshare/testkit'
import { checkLeaks } from '@p2pshare/testkit/vitest'
import type { Libp2p } from '@libp2p/interface'
import { afterEach, expect, test } from 'vitest'
import { tcp } from '../../src/index.ts'
import type { TcpInit } from '../../src/index.ts'
import { addressOf, cleanUpNodes, createNode, echoed, portOf } from '../support/nodes.ts'
import { cleanUpSockets, open, serve, until } from '../support/sockets.ts'

checkLeaks()
cleanUpNodes()
cleanUpSockets()

const random = seededRandom('hostile')
const HEADER = Buffer.from('\x13/multistream/1.0.0\n', 'latin1')

let victim: Libp2p
async function victimWith(init: TcpInit = {}, inboundUpgradeTimeout = 10_000): Promise<number> {
  victim = await createNode({ transports: [tcp(init)], connectionManager: { inboundUpgradeTimeout } })
  return portOf(victim)
}

/** Whatever was done to it, it serves honest peers as before. */
afterEach(async () => {
  const honest = await createNode()
  const data = random.bytes(100_000)
  const isServed = async (): Promise<boolean> => {
    const connection = await honest.dial(victim.getMultiaddrs())
    return (await echoed(connection, data)).equals(data)
  }
  // a victim that gives 20 ms may cut off an honest peer too while the machine is busy
  await expect.poll(async () => isServed().catch(() => false), { timeout: 45_000 }).toBe(true)
})

const gone = async (socket: Socket): Promise<void> => {
  socket.resume()
  await until(() => socket.closed)
}

test('sockets that say nothing are cut off, and honest ones get in beside them', async () => {
  const port = await victimWith({ firstByteTimeoutMs: 20, maxPendingPerIp: 16 })
  const silent = await Promise.all(Array.from({ length: 64 }, () => open(port)))
  await Promise.all(silent.map(gone))
})

test('a byte now and then does not keep a handshake alive', async () => {
  const port = await victimWith({}, 50)
  const socket = await open(port)
  const drip = (at: number): void => {
    if (!socket.destroyed) {
      socket.write(HEADER.subarray(at % HEADER.length, (at % HEADER.length) + 1), () => setImmediate(drip, at + 1))
    }
  }
  // a length that is never reached, as slowly as the event loop turns
  socket.write(HEADER.subarray(0, 1))
  drip(1)
  await gone(socket)
})

test('a handshake that stops in the middle is cut off', async () => {
  const port = await victimWith({}, 50)
  const socket = await open(port)
  socket.write(HEADER.subarray(0, 7))
  await gone(socket)
})

test('garbage is cut off', async () => {
  const port = await victimWith()
  for (const length of [1, 2, 100, 65_536, 1_000_000]) {
    const bytes = random.bytes(length)
    // not a length that is still to come
    bytes[0] = 0xff
    const socket = await open(port)
    socket.end(bytes)
    await gone(socket)
  }
})

test('garbage after the header is cut off', async () => {
  const port = await victimWith({}, 200)
  const socket = await open(port)
  socket.write(HEADER)
  socket.end(random.bytes(10_000))
  await gone(socket)
})

test('resets at each byte of the header leave nothing behind', async () => {
  const port = await victimWith()
  for (let length = 0; length <= HEADER.length; length++) {
    const socket = await open(port)
    socket.write(HEADER.subarray(0, length))
    socket.resetAndDestroy()
  }
  expect(victim.getConnections()).toEqual([])
})

test('a reset in the middle of a transfer ends the connection, with an error for who reads', async () => {
  await victimWith()
  // a relay for bytes, so that the test can cut the wire
  const wires: Socket[] = []
  const relay = await serve((inner) => {
    void open(portOf(victim)).then((outer) => {
      wires.push(inner, outer)
      inner.pipe(outer).pipe(inner)
    })
  })
  const dialer = await createNode()
  const connection = await dialer.dial(addressOf(relay.port, victim.peerId))
  expect((await echoed(connection, random.bytes(10_000))).length).toBe(10_000)
  const reading = echoed(connection, random.bytes(64 * 1024 * 1024)).catch(() => undefined)
  wires.forEach((wire) => wire.resetAndDestroy())
  await reading
  await until(() => dialer.getConnections().length === 0 && victim.getConnections(dialer.peerId).length === 0)
  expect(connection.status).not.toBe('open')
})

test('who is dialled and says nothing costs a dial no longer than its signal', async () => {
  await victimWith()
  const { port } = await serve()
  const dialling = victim.dial(addressOf(port), { signal: AbortSignal.timeout(30) })
  await expect(dialling).rejects.toThrow()
  expect(victim.getConnections()).toEqual([])
})

test('who is dialled and sends garbage, or resets, fails the dial', async () => {
  await victimWith()
  const garbage = await serve((socket) => void socket.write(random.bytes(100_000)))
  const reset = await serve((socket) => void socket.once('data', () => socket.resetAndDestroy()))
  const end = await serve((socket) => void socket.end())
  for (const { port } of [garbage, reset, end]) {
    await expect(victim.dial(addressOf(port))).rejects.toThrow()
  }
})
