import type { Socket } from 'node:net'
import type { PeerId, PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { BulkChannel, BulkSink } from '@p2pshare/interface'
import { afterEach } from 'vitest'
import type { BulkBounds } from '../../src/bulk/bounds.ts'
import { BulkService } from '../../src/bulk/bulk-channels.ts'
import { logger, serve } from './sockets.ts'
import { keyOf } from './tls-pair.ts'

const running: BulkService[] = []

/** The services of `bulkPeer` are stopped after each test. To be called after `checkLeaks()`, so that it runs before. */
export function cleanUpServices(): void {
  afterEach(() => {
    for (const service of running.splice(0)) {
      service.stop()
    }
  })
}

/** A sink that keeps what it gets. */
export class Collector implements BulkSink {
  readonly #parts: Buffer[] = []
  readonly #size: number
  #view = Buffer.alloc(0)
  #waiting: Array<{ bytes: number; resolve: () => void }> = []
  bytes = 0
  /** Asked after each filling; `false` makes it ask for a pause. */
  more: () => boolean = () => true

  constructor(size = 4096) {
    this.#size = size
  }

  get data(): Buffer {
    return Buffer.concat(this.#parts)
  }

  buffer(): Uint8Array {
    this.#view = Buffer.alloc(this.#size)
    return this.#view
  }

  filled(bytes: number): boolean {
    this.#parts.push(this.#view.subarray(0, bytes))
    this.bytes += bytes
    this.#waiting = this.#waiting.filter((waiting) => {
      if (this.bytes >= waiting.bytes) {
        waiting.resolve()
      }
      return this.bytes < waiting.bytes
    })
    return this.more()
  }

  /** Resolves when it has this many bytes. */
  async has(bytes: number): Promise<void> {
    if (this.bytes < bytes) {
      await new Promise<void>((resolve) => {
        this.#waiting.push({ bytes, resolve })
      })
    }
  }
}

/** A node with bulk channels alone. */
export interface Peer {
  readonly id: PeerId
  readonly key: PrivateKey
  readonly service: BulkService
  readonly address: Multiaddr
  readonly port: number
  /** What became of each socket that was accepted, in order. */
  readonly accepted: Array<Promise<unknown>>
  /** Resolves with the outcome of the next socket. */
  nextAccepted(): Promise<unknown>
}

export async function bulkPeer(name: string, bounds: Partial<BulkBounds> = {}): Promise<Peer> {
  const key = await keyOf(name)
  const service = new BulkService({ privateKey: key, logger, addresses: () => [], bounds })
  const accepted: Array<Promise<unknown>> = []
  let waiting: Array<(outcome: Promise<unknown>) => void> = []
  const { port } = await serve((socket: Socket) => {
    const outcome = service.accept(socket).catch((error: unknown) => error)
    accepted.push(outcome)
    waiting.forEach((resolve) => {
      resolve(outcome)
    })
    waiting = []
  })
  running.push(service)
  return {
    id: peerIdFromPrivateKey(key),
    key,
    service,
    address: multiaddr(`/ip4/127.0.0.1/tcp/${port}`),
    port,
    accepted,
    nextAccepted: async () =>
      new Promise((resolve) => {
        waiting.push(resolve)
      })
  }
}

export interface Ends {
  readonly dialler: BulkChannel
  readonly acceptor: BulkChannel
  readonly atDialler: Collector
  readonly atAcceptor: Collector
}

/** Both ends of one channel. */
export async function channelBetween(
  from: Peer,
  to: Peer,
  sinks: { readonly atDialler?: Collector; readonly atAcceptor?: Collector } = {}
): Promise<Ends> {
  const { atDialler = new Collector(), atAcceptor = new Collector() } = sinks
  const invitation = to.service.invite(from.id, { sink: atAcceptor })
  const [dialler, acceptor] = await Promise.all([
    from.service.open(to.address, to.id, invitation.token, { sink: atDialler }),
    invitation.channel
  ])
  return { dialler, acceptor, atDialler, atAcceptor }
}
