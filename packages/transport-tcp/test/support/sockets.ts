import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { defaultLogger } from '@libp2p/logger'
import { multiaddr } from '@multiformats/multiaddr'
import { afterEach } from 'vitest'
import { TcpConnection } from '../../src/connection.ts'
import type { TcpConnectionInit } from '../../src/connection.ts'

export const logger = defaultLogger()

const cleanUps: (() => void)[] = []

/** What `serve` and `open` opened is gone after each test. To be called after `checkLeaks()`, so that it runs before. */
export function cleanUpSockets(): void {
  afterEach(() => {
    for (const cleanUp of cleanUps.splice(0)) {
      cleanUp()
    }
  })
}

/** The next event of this type. */
export async function happened<Type extends Event>(target: EventTarget, type: string): Promise<Type> {
  return new Promise((resolve) => {
    target.addEventListener(type, (event) => resolve(event as Type), { once: true })
  })
}

/** Look again in each turn of the event loop until `condition` holds; the test's own timeout bounds it. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** A server on loopback that is closed, with its sockets, after the test. */
export async function serve(
  onSocket: (socket: Socket) => void = () => {}
): Promise<Server & { readonly port: number }> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    onSocket(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanUps.push(() => {
    server.close()
    sockets.forEach((socket) => socket.destroy())
  })
  return Object.assign(server, { port: (server.address() as AddressInfo).port })
}

/** An open socket to `port`, destroyed after the test. */
export async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  cleanUps.push(() => void socket.destroy())
  await once(socket, 'connect')
  socket.on('error', () => {})
  return socket
}

/** Resolves when the port has thrown a connection away at once. */
export async function refused(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  cleanUps.push(() => void socket.destroy())
  socket.on('error', () => {})
  socket.resume()
  await once(socket, 'close').catch(() => {})
}

/** Both ends of one socket. */
export async function socketPair(): Promise<{ near: Socket; far: Socket }> {
  const accepted = Promise.withResolvers<Socket>()
  const { port } = await serve(accepted.resolve)
  const near = await open(port)
  return { near, far: await accepted.promise }
}

/** A connection, and the bare other end of its socket. */
export async function connectionPair(
  init: Partial<TcpConnectionInit> = {}
): Promise<{ connection: TcpConnection; near: Socket; far: Socket }> {
  const { near, far } = await socketPair()
  const connection = new TcpConnection({
    socket: near,
    remoteAddr: multiaddr(`/ip4/127.0.0.1/tcp/${far.localPort ?? 0}`),
    direction: 'outbound',
    log: logger.forComponent('test'),
    inactivityTimeoutMs: 60_000,
    closeTimeoutMs: 60_000,
    ...init
  })
  return { connection, near, far }
}

/** A port of loopback at which nobody listens. */
export async function closedPort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** All that arrives until the other end has ended. */
export async function readAll(socket: Socket): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of socket as AsyncIterable<Buffer>) {
    parts.push(part)
  }
  return Buffer.concat(parts)
}
