import { once } from 'node:events'
import type { Socket } from 'node:net'
import { TLSSocket, connect as tlsConnect } from 'node:tls'
import type { StreamCloseEvent } from '@libp2p/interface'
import { byteStream } from '@libp2p/utils'
import { seededRandom } from '@p2pshare/testkit'
import { checkLeaks } from '@p2pshare/testkit/vitest'
import { afterEach, expect, test, vi } from 'vitest'
import { nativeSocketOf } from '../src/index.ts'
import type { TcpConnection } from '../src/connection.ts'
import type { SocketOwner } from '../src/index.ts'
import { cleanUpSockets, connectionPair, happened, readAll } from './support/sockets.ts'

checkLeaks()
cleanUpSockets()
afterEach(() => void vi.useRealTimers())

const random = seededRandom('native socket')
const noOwner: SocketOwner = { close: async () => {} }

async function take(connection: TcpConnection, owner = noOwner): Promise<Socket> {
  const socket = await nativeSocketOf(connection)?.detach(owner)
  return socket ?? expect.unreachable('the connection has no socket')
}

/** TLS without certificates: both sides know a key. */
function psk(near: Socket, far: Socket): { client: TLSSocket; server: TLSSocket } {
  const key = Buffer.alloc(32, 7)
  const common = { ciphers: 'PSK', minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const
  // the types leave the option out where a socket is wrapped
  const serverOptions = { ...common, isServer: true, pskCallback: () => key }
  const server = new TLSSocket(far, serverOptions)
  const client = tlsConnect({
    ...common,
    socket: near,
    pskCallback: () => ({ psk: key, identity: 'test' }),
    checkServerIdentity: () => undefined
  })
  return { client, server }
}

/** Node's own timer of a socket with a timeout. */
function timerOf(socket: Socket): NodeJS.Timeout {
  const key = Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'timeout')
  return (socket as unknown as Record<symbol, NodeJS.Timeout>)[key ?? Symbol.iterator] ?? expect.unreachable('no timer')
}

test('what was read and not handed on is in front of the socket again, before what comes after', async () => {
  const { connection, far } = await connectionPair()
  const data = random.bytes(100_000)
  far.write(data.subarray(0, 10))
  // as multistream-select does, which may have read more than its own part
  const negotiation = byteStream(connection)
  await negotiation.read({ bytes: 4 })
  negotiation.unwrap()
  const socket = await take(connection)
  far.end(data.subarray(10))
  expect((await readAll(socket)).equals(data.subarray(4))).toBe(true)
})

test('what was sent before has gone to the system first', async () => {
  const { connection, far } = await connectionPair()
  const data = random.bytes(8 * 1024 * 1024)
  for (let at = 0; at < data.length; at += 1024 * 1024) {
    connection.send(data.subarray(at, at + 1024 * 1024))
  }
  const received = readAll(far)
  const socket = await take(connection)
  expect(socket.writableLength).toBe(0)
  socket.end('and more')
  expect((await received).equals(Buffer.concat([data, Buffer.from('and more')]))).toBe(true)
})

test('a TLS socket around it gets everything, with bytes that came before it was made', async () => {
  const { connection, far } = await connectionPair()
  const socket = await take(connection)
  const data = random.bytes(1024 * 1024)
  // the near side speaks second, so the whole first flight waits in the raw socket
  const { client, server } = psk(far, socket)
  await once(client, 'secureConnect')
  const received = readAll(server)
  client.end(data)
  expect((await received).equals(data)).toBe(true)
  client.destroy()
  await happened(connection, 'close')
  expect(connection.status).toBe('closed')
})

test('pause and resume of the connection no longer touch the socket', async () => {
  const { connection, far } = await connectionPair()
  const socket = await take(connection)
  far.write('x')
  await once(socket, 'readable')
  connection.pause()
  connection.resume()
  expect(socket.read()).toEqual(Buffer.from('x'))
  expect(connection.readBufferLength).toBe(0)
})

test('sending through the connection fails, since it would go into the middle of TLS', async () => {
  const { connection } = await connectionPair()
  await take(connection)
  expect(() => connection.send(new Uint8Array(1))).toThrow(expect.objectContaining({ name: 'SocketUnavailableError' }))
})

test('the connection ends when the socket does', async () => {
  const { connection, far } = await connectionPair()
  const socket = await take(connection)
  socket.resume()
  far.end()
  const { error } = await happened<StreamCloseEvent>(connection, 'close')
  expect(error).toBeUndefined()
  expect(connection.timeline.close).toBeDefined()
})

test('a reset of the other side is a reset of the connection', async () => {
  const { connection, far } = await connectionPair()
  const socket = await take(connection)
  socket.resume()
  far.resetAndDestroy()
  const { error } = await happened<StreamCloseEvent>(connection, 'close')
  expect(error?.name).toBe('StreamResetError')
})

test('abort destroys the socket, and TLS on it', async () => {
  const { connection, far } = await connectionPair()
  const socket = await take(connection)
  const { client } = psk(socket, far)
  await once(client, 'secureConnect')
  const gone = once(client, 'close')
  connection.abort(new TypeError('no more'))
  await gone
  expect(socket.destroyed).toBe(true)
  expect(connection.status).toBe('aborted')
})

test('close asks the owner, and waits for the socket', async () => {
  const { connection, far } = await connectionPair()
  const owner: SocketOwner = { close: vi.fn(async () => void socket.end('last words')) }
  const socket = await take(connection, owner)
  socket.resume()
  const received = readAll(far)
  await connection.close()
  expect(owner.close).toHaveBeenCalledTimes(1)
  expect((await received).toString()).toBe('last words')
  expect(socket.destroyed).toBe(true)
})

test('an owner that cannot close has its socket destroyed', async () => {
  const { connection } = await connectionPair()
  const socket = await take(connection, { close: () => Promise.reject(new TypeError('stuck')) })
  await expect(connection.close()).rejects.toThrow('stuck')
  expect(socket.destroyed).toBe(true)
})

test('an owner that never closes has its socket destroyed after closeTimeoutMs', async () => {
  const { connection } = await connectionPair({ closeTimeoutMs: 20 })
  const aborted = Promise.withResolvers<boolean>()
  const close = async ({ signal }: { signal: AbortSignal }): Promise<void> => {
    await once(signal, 'abort')
    aborted.resolve(signal.aborted)
  }
  const socket = await take(connection, { close })
  connection.close().catch(() => {})
  expect(await aborted.promise).toBe(true)
  expect(socket.destroyed).toBe(true)
  expect(connection.status).toBe('aborted')
})

test('TLS on the socket is a sign of life; without one the socket is destroyed', async () => {
  const { connection, far } = await connectionPair({ inactivityTimeoutMs: 60 })
  const socket = await take(connection)
  const { client, server } = psk(socket, far)
  await once(client, 'secureConnect')
  const refreshed = vi.spyOn(timerOf(socket), 'refresh')
  server.write('still here')
  await once(client, 'data')
  expect(refreshed).toHaveBeenCalled()
  const { error } = await happened<StreamCloseEvent>(connection, 'close')
  expect(error).toMatchObject({ name: 'DeadlineError' })
  expect(socket.destroyed).toBe(true)
})

test('a socket is taken over once', async () => {
  const { connection } = await connectionPair()
  const taking = take(connection)
  await expect(take(connection)).rejects.toMatchObject({ code: 'ERR_SOCKET_UNAVAILABLE' })
  await taking
})

test('the socket of a connection that has ended cannot be taken over', async () => {
  const { connection, far } = await connectionPair()
  far.end()
  await happened(connection, 'close')
  await expect(take(connection)).rejects.toMatchObject({ code: 'ERR_SOCKET_UNAVAILABLE' })
})

test('waiting for it can be given up', async () => {
  const { connection } = await connectionPair()
  while (connection.send(new Uint8Array(1024 * 1024)));
  const controller = new AbortController()
  const taking = nativeSocketOf(connection)?.detach(noOwner, { signal: controller.signal })
  controller.abort()
  await expect(taking).rejects.toThrow()
  connection.abort(new TypeError('no more'))
})

test('what is no connection of ours has none', () => {
  expect(nativeSocketOf({})).toBeUndefined()
})
