import type { Connection, Libp2p, PeerId, ServiceMap, Stream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { datagramEndpointSymbol } from '@p2pshare/interface'
import type { DatagramEndpoint } from '@p2pshare/interface'
import { createLibp2p } from 'libp2p'
import type { Libp2pOptions } from 'libp2p'
import { afterEach } from 'vitest'
import { udx } from '../../src/index.ts'
import type { Udx, UdxComponents, UdxInit } from '../../src/index.ts'

export const ECHO = '/test/echo/1.0.0'

const running: Libp2p[] = []

/** What `createNode` made is stopped after each test. To be called after `checkLeaks()`, so that it runs before. */
export function cleanUpNodes(): void {
  afterEach(async () => {
    await Promise.all(running.splice(0).map(async (node) => node.stop()))
  })
}

/** A node on loopback with our transport, that sends back what it is sent, and the transport itself. */
export async function createPair<T extends ServiceMap = Record<string, unknown>>(
  init: UdxInit = {},
  options: Libp2pOptions<T> = {}
): Promise<{ node: Libp2p<T>; transport: Udx; endpoint: DatagramEndpoint }> {
  let transport: Udx | undefined
  const factory = udx(init)
  const node = await createLibp2p<T>({
    addresses: { listen: ['/ip4/127.0.0.1/udp/0/utp'] },
    transports: [(components: UdxComponents) => (transport = factory(components))],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
    ...options,
    connectionManager: {
      inboundConnectionThreshold: Infinity,
      maxIncomingPendingConnections: 1024,
      ...options.connectionManager
    }
  })
  running.push(node)
  await node.handle(ECHO, async (stream) => {
    for await (const bytes of stream) {
      if (!stream.send(bytes)) {
        await drained(stream)
      }
    }
    await stream.close()
  })
  if (transport === undefined) {
    throw new TypeError('libp2p did not make the transport')
  }
  return { node, transport, endpoint: transport[datagramEndpointSymbol] }
}

/** As `createPair`, for who needs the node alone. */
export async function createNode<T extends ServiceMap = Record<string, unknown>>(
  init: UdxInit = {},
  options: Libp2pOptions<T> = {}
): Promise<Libp2p<T>> {
  return (await createPair(init, options)).node
}

/** `/ip4/127.0.0.1/udp/<port>/utp/p2p/<peer>` */
export function addressOf(port: number, peer?: PeerId): Multiaddr {
  return multiaddr(`/ip4/127.0.0.1/udp/${port}/utp${peer === undefined ? '' : `/p2p/${peer.toString()}`}`)
}

/** The UDP port a node listens on. */
export function portOf(node: Libp2p): number {
  return Number(node.getMultiaddrs()[0]?.getComponents()[1]?.value)
}

/** Send `data` in pieces and return what comes back. */
export async function echoed(connection: Connection, data: Uint8Array, pieceBytes = 64 * 1024): Promise<Buffer> {
  const stream = await connection.newStream(ECHO)
  const parts: Uint8Array[] = []
  const received = (async () => {
    for await (const bytes of stream) {
      parts.push(bytes.subarray())
    }
  })()
  for (let at = 0; at < data.length; at += pieceBytes) {
    if (!stream.send(data.subarray(at, at + pieceBytes))) {
      await drained(stream)
    }
  }
  await stream.close()
  await received
  return Buffer.concat(parts)
}

/** There is room again, or the stream has ended. */
export async function drained(stream: Stream): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      stream.removeEventListener('drain', done)
      stream.removeEventListener('close', done)
      resolve()
    }
    stream.addEventListener('drain', done)
    stream.addEventListener('close', done)
  })
}

/** Looks at each turn of the event loop, and a little slower after some. */
export async function until(condition: () => boolean, withinMs = 45_000): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!condition()) {
    if (performance.now() > deadline) {
      throw new RangeError(`not so within ${withinMs} ms: ${condition.toString()}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
