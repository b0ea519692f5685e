import { defaultLogger } from '@libp2p/logger'
import { afterEach } from 'vitest'
import { UdxConnection } from '../../src/connection.ts'
import { toMultiaddr } from '../../src/multiaddr.ts'
import { Native } from '../../src/native.ts'
import type { NativeStream } from '../../src/native.ts'
import { UdpSocket } from '../../src/udp-socket.ts'

const logger = defaultLogger()
const open: UdpSocket[] = []
const streams: NativeStream[] = []

/** What was opened here is closed after each test. */
export function cleanUpPairs(): void {
  afterEach(async () => {
    streams.splice(0).forEach((stream) => {
      stream.destroy()
    })
    await Promise.all(open.splice(0).map(async (socket) => socket.shutDown(AbortSignal.abort())))
  })
}

/** A stream whose bytes can be read away. */
export type FarStream = NativeStream & { resume(): void }

/** A connection, and at its other end a bare UDX stream and the socket it is on. */
export interface Pair {
  readonly connection: UdxConnection
  readonly far: FarStream
  /** Another stream between the two sockets, both ends. */
  another(id: number): { near: NativeStream; far: FarStream }
}

/** Two sockets on loopback, and a stream between them. */
export function createPair(options: { maxReadBufferLength?: number; closeTimeoutMs?: number } = {}): Pair {
  const native = new Native({ socketBufferBytes: 4 * 1024 * 1024, highWaterMarkBytes: 64 * 1024 })
  // ids are looked up by library, and each end has its own
  const farNative = new Native({ socketBufferBytes: 4 * 1024 * 1024, highWaterMarkBytes: 64 * 1024 })
  const bind = (from: Native): UdpSocket => {
    const socket = new UdpSocket({
      native: from.bind('127.0.0.1', 0),
      log: logger.forComponent('test'),
      onProtocol: () => undefined,
      onStray: () => undefined,
      isOwned: true,
      onClose: () => undefined
    })
    from.enlarge(socket.native)
    open.push(socket)
    return socket
  }
  const nearSocket = bind(native)
  const farSocket = bind(farNative)
  const another = (id: number): { near: NativeStream; far: FarStream } => {
    const near = native.stream(id)
    const far = farNative.stream(id + 1) as FarStream
    far.on('error', () => undefined)
    near.connect(nearSocket.native, id + 1, farSocket.local.port, '127.0.0.1')
    far.connect(farSocket.native, id, nearSocket.local.port, '127.0.0.1')
    // so that it goes away with its socket
    streams.push(far)
    return { near, far }
  }
  const { near, far } = another(10)
  const connection = new UdxConnection({
    stream: near,
    socket: nearSocket,
    remote: farSocket.local,
    remoteAddr: toMultiaddr(farSocket.local),
    direction: 'outbound',
    log: logger.forComponent('test'),
    closeTimeoutMs: 5000,
    ...options
  })
  nearSocket.connections.add(connection)
  return { connection, far, another }
}
