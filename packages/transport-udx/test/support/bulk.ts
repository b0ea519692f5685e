import type { PeerId } from '@libp2p/interface'
import type { BulkSink } from '@p2pshare/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { UdxBulkChannel } from '../../src/bulk/channel.ts'
import { deriveBulkKeys } from '../../src/bulk/keys.ts'
import type { NativeStream } from '../../src/native.ts'
import { createPair } from './pair.ts'

/** A sink that keeps everything, in buffers of a size that fits no record. */
export class Kept implements BulkSink {
  readonly parts: Buffer[] = []
  bytes = 0
  /** `false`: read no more. */
  takesMore = true
  #buffer = Buffer.alloc(0)

  buffer(): Uint8Array {
    this.#buffer = Buffer.alloc(10_007)
    return this.#buffer
  }

  filled(bytes: number): boolean {
    this.parts.push(this.#buffer.subarray(0, bytes))
    this.bytes += bytes
    return this.takesMore
  }

  get all(): Buffer {
    return Buffer.concat(this.parts)
  }
}

export interface ChannelPair {
  readonly opener: UdxBulkChannel
  readonly inviter: UdxBulkChannel
  /** What the opener reads. */
  readonly sink: Kept
  /** The streams of the opener. */
  readonly streams: readonly NativeStream[]
}

/** Both ends of a channel, over loopback. The inviter's end is ready to write to the opener. */
export async function createChannels(): Promise<ChannelPair> {
  const { another } = createPair()
  const token = new Uint8Array(32).fill(7)
  const streams = deriveBulkKeys(token, 'opener').lanes.map((_, lane) => another(100 + 2 * lane))
  const remoteAddr = multiaddr('/ip4/127.0.0.1/udp/1/utp')
  const remotePeer = {} as PeerId
  const sink = new Kept()
  const inviter = new UdxBulkChannel({
    streams: streams.map(({ far }) => far),
    keys: deriveBulkKeys(token, 'inviter'),
    role: 'inviter',
    sink: new Kept(),
    remotePeer,
    remoteAddr
  })
  const opener = new UdxBulkChannel({
    streams: streams.map(({ near }) => near),
    keys: deriveBulkKeys(token, 'opener'),
    role: 'opener',
    sink,
    remotePeer,
    remoteAddr
  })
  await Promise.all([opener.heard, inviter.heard])
  opener.resume()
  return { opener, inviter, sink, streams: streams.map(({ near }) => near) }
}
