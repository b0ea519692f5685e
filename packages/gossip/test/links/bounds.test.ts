import type { Connection, PeerId, Stream, StreamHandler } from '@libp2p/interface'
import { defaultLogger } from '@libp2p/logger'
import { streamPair } from '@libp2p/utils'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LinkComponents } from '../../src/links/components.ts'
import {
  MAX_READ_BUFFER_BYTES,
  MAX_REFUSED,
  MAX_SEND_QUEUES_BYTES,
  MAX_SEND_QUEUE_BYTES,
  MAX_STREAMS_PER_LINK
} from '../../src/links/constants.ts'
import { withLength } from '../../src/links/frame-reader.ts'
import { LinkStream } from '../../src/links/link-stream.ts'
import { PeerMeters } from '../../src/links/peer-meter.ts'
import { BareLinks } from '../support/bare-links.ts'
import { until } from '../support/network.ts'
import { numberedPeers, randomPeer } from '../support/peers.ts'

const self = await randomPeer()

/** A stream to a peer that does not read: what is sent stays in the buffer. */
class DeafStream extends EventTarget {
  status = 'open'
  writeStatus = 'writable'
  readStatus = 'readable'
  writeBufferLength = 0
  maxReadBufferLength = 0
  maxWriteBufferLength = 0

  send({ byteLength }: { byteLength: number }): boolean {
    this.writeBufferLength += byteLength
    return false
  }

  async close(): Promise<void> {
    return Promise.resolve()
  }

  abort(): void {
    this.status = 'aborted'
    this.writeStatus = 'closed'
    this.writeBufferLength = 0
    this.dispatchEvent(Object.assign(new Event('close'), { error: new TypeError('aborted') }))
  }
}

describe('links without a network', () => {
  let links: BareLinks
  let accept: StreamHandler
  beforeEach(async () => {
    const components = {
      peerId: self,
      logger: defaultLogger(),
      events: new EventTarget(),
      connectionManager: { getConnections: () => [] },
      peerStore: { get: async () => Promise.reject(new TypeError('unknown')), merge: async () => Promise.resolve() },
      registrar: {
        handle: async (_: string, handler: StreamHandler) => {
          accept = handler
          return Promise.resolve()
        },
        unhandle: async () => Promise.resolve(),
        register: async () => Promise.resolve('topology'),
        unregister: () => undefined
      }
    }
    links = new BareLinks(components as unknown as LinkComponents & { logger: typeof components.logger })
    await links.start()
  })
  afterEach(async () => links.stop())

  /** A stream that the peer opens. */
  function opened(remotePeer: PeerId): DeafStream {
    const stream = new DeafStream()
    const connection = { remotePeer, status: 'open', direct: true, direction: 'inbound' } as unknown as Connection
    void accept(stream as unknown as Stream, connection)
    return stream
  }

  test('one link has the most streams and not one more', () => {
    const [peer, other] = [numberedPeers(2)[0] ?? self, numberedPeers(2)[1] ?? self]
    const streams = Array.from({ length: MAX_STREAMS_PER_LINK + 1 }, () => opened(peer))
    expect(streams.slice(0, -1).every(({ status }) => status === 'open')).toBe(true)
    expect(streams.at(-1)?.status).toBe('aborted')
    expect(opened(other).status).toBe('open')
  })

  test('the most bytes wait on all links; for one more the link that they are for ends', () => {
    const peers = numberedPeers(MAX_SEND_QUEUES_BYTES / MAX_SEND_QUEUE_BYTES + 1)
    const streams = peers.map((peer) => opened(peer))
    const last = streams.at(-1)
    streams.slice(0, -1).forEach((stream) => {
      stream.writeBufferLength = MAX_SEND_QUEUE_BYTES
    })
    const [first] = streams
    const to = peers.at(-1)
    if (last === undefined || first === undefined || to === undefined) {
      expect.unreachable()
    }
    // a frame of one byte and its length
    first.writeBufferLength -= 2
    links.links.send(to, Uint8Array.of(1))
    expect(last.status).toBe('open')
    first.writeBufferLength += 1
    last.writeBufferLength = 0
    links.links.send(to, Uint8Array.of(1))
    expect(last.status).toBe('aborted')
    expect(first.status).toBe('open')
  })

  test('the most refused peers are remembered; for one more the oldest is forgotten', () => {
    const [first, ...others] = numberedPeers(MAX_REFUSED + 1)
    const oneMore = others.pop()
    if (first === undefined || oneMore === undefined) {
      expect.unreachable()
    }
    for (const peer of [first, ...others]) {
      links.links.refuse(peer, 'test')
    }
    expect(opened(first).status).toBe('aborted')
    links.links.refuse(oneMore, 'test')
    expect(opened(oneMore).status).toBe('aborted')
    expect(opened(first).status).toBe('open')
  })
})

test('the most bytes of a stream wait unread; one more ends it', async () => {
  const [theirs, ours] = await streamPair()
  const end = Promise.withResolvers<string>()
  const stream = new LinkStream({
    stream: ours,
    connection: { remotePeer: self } as unknown as Connection,
    isOurs: false,
    meter: new PeerMeters(0).of('peer', 0),
    now: () => 0,
    // the first frame is never done, so nothing behind it is read
    onFrame: async () => new Promise(() => undefined),
    onEnd: end.resolve
  })
  theirs.send(withLength(Uint8Array.of(1)))
  await until(() => ours.readStatus === 'paused')
  theirs.send(new Uint8Array(MAX_READ_BUFFER_BYTES))
  await until(() => ours.readBufferLength === MAX_READ_BUFFER_BYTES)
  expect(stream.isOpen).toBe(true)
  theirs.send(new Uint8Array(1))
  expect(await end.promise).toBe('reset')
})
