import type { Libp2p, Stream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { guardedMuxer } from '@p2pshare/interface'
import { createLibp2p } from 'libp2p'
import { natServices, natTransports } from '../../src/index.ts'
import type { Nat, NatInit } from '../../src/index.ts'

export type Node = Libp2p<{ nat: Nat }>

export const ECHO = '/test/echo/1.0.0'

/** Relays need real addresses, so these nodes use TCP on loopback. */
export async function createNode(listen: string[], init: NatInit = {}): Promise<Node> {
  const node = await createLibp2p({
    addresses: { listen },
    transports: [tcp(), ...natTransports()],
    connectionEncrypters: [noise()],
    streamMuxers: [guardedMuxer(yamux())],
    services: natServices(init)
  })
  const echo = async (stream: Stream): Promise<void> => {
    for await (const chunk of stream) {
      stream.send(chunk.subarray())
    }
    await stream.close()
  }
  await node.handle(ECHO, echo, { runOnLimitedConnection: true })
  return node
}

/** Look again every millisecond until `condition` holds; the test's own timeout bounds it. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

/** Send `bytes` and count what comes back until the stream ends, however it ends. */
export async function echoed(stream: Stream, bytes: number): Promise<number> {
  let count = 0
  const received = (async () => {
    for await (const chunk of stream) {
      count += chunk.byteLength
      if (count === bytes) {
        return
      }
    }
  })()
  stream.send(new Uint8Array(bytes))
  await received.catch(() => undefined)
  return count
}
