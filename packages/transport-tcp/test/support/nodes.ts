import type { Connection, Libp2p, PeerId, Stream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import type { Libp2pOptions } from 'libp2p'
import { afterEach } from 'vitest'
import { tcp } from '../../src/index.ts'

export const ECHO = '/test/echo/1.0.0'

/** Guards of libp2p that are of no interest here, long enough for a machine that does ten other things. */
const PATIENT = {
  dialTimeout: 60_000,
  addressDialTimeout: 60_000,
  inboundUpgradeTimeout: 60_000,
  inboundStreamProtocolNegotiationTimeout: 60_000,
  outboundStreamProtocolNegotiationTimeout: 60_000
}

const running: Libp2p[] = []

/** What `createNode` made is stopped after each test. To be called after `checkLeaks()`, so that it runs before. */
export function cleanUpNodes(): void {
  afterEach(async () => {
    await Promise.all(running.splice(0).map(async (node) => node.stop()))
  })
}

/** A node on loopback with our transport, that sends back what it is sent. */
export async function createNode(options: Libp2pOptions = {}): Promise<Libp2p> {
  const node = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
    ...options,
    connectionManager: {
      inboundConnectionThreshold: Infinity,
      maxIncomingPendingConnections: 1024,
      ...PATIENT,
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
  return node
}

/** `/ip4/127.0.0.1/tcp/<port>/p2p/<peer>` */
export function addressOf(port: number, peer?: PeerId): Multiaddr {
  return multiaddr(`/ip4/127.0.0.1/tcp/${port}${peer === undefined ? '' : `/p2p/${peer.toString()}`}`)
}

/** The TCP port a node listens on. */
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

async function drained(stream: Stream): Promise<void> {
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
