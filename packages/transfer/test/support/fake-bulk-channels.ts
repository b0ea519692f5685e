import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, OnReadOpts, Server, Socket } from 'node:net'
import type { PeerId } from '@libp2p/interface'
import { BULK_TOKEN_BYTES } from '@p2pshare/interface'
import type {
  BulkChannel,
  BulkChannels,
  BulkInvitation,
  BulkInviteOptions,
  BulkOpenOptions,
  BulkSink
} from '@p2pshare/interface'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'

/** What the fake transport was told to do wrong. */
export interface FakeFaults {
  /** Dials fail. */
  refuseDials: boolean
  /** Invitations cannot be made. */
  refuseInvites: boolean
  /** Those who dial with a token are left alone. */
  neverAnswer: boolean
  /** It does not say where it listens. */
  silent: boolean
}

interface Waiting {
  readonly peer: PeerId
  readonly sink: BulkSink
  readonly settle: PromiseWithResolvers<BulkChannel>
  readonly timer: NodeJS.Timeout
}

/** Bulk channels over plain sockets on loopback, with faults to order: what transport-tcp is for real, without TLS. */
export class FakeBulkChannels implements BulkChannels {
  readonly faults: FakeFaults = { refuseDials: false, refuseInvites: false, neverAnswer: false, silent: false }
  /** Every address that was dialled. */
  readonly dialled: Multiaddr[] = []
  /** Channels that are open, in the order in which they were opened. */
  readonly open_: FakeChannel[] = []
  opened = 0
  /** Called with each channel of either direction. */
  onChannel: (channel: FakeChannel) => void = () => undefined
  readonly #waiting = new Map<string, Waiting>()
  readonly #sockets = new Set<Socket>()
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
    server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('error', () => undefined)
      this.#onSocket(socket)
    })
  }

  /** Bulk channels are on the port of the node itself; these have ports of their own, which all fakes know. */
  static readonly #ports = new Map<string, number>()

  static async listen(): Promise<FakeBulkChannels> {
    const server = createServer({ noDelay: true, pauseOnConnect: true })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new FakeBulkChannels(server)
  }

  /** These are the channels of this node. */
  serve(peer: PeerId): void {
    FakeBulkChannels.#ports.set(peer.toString(), this.#port)
  }

  addresses(): Multiaddr[] {
    return this.faults.silent ? [] : [multiaddr(`/ip4/127.0.0.1/tcp/${this.#port}`)]
  }

  invite(peer: PeerId, { sink, lifetimeMs = 10_000 }: BulkInviteOptions): BulkInvitation {
    if (this.faults.refuseInvites) {
      throw new RangeError('no more invitations')
    }
    const token = crypto.getRandomValues(new Uint8Array(BULK_TOKEN_BYTES))
    const key = Buffer.from(token).toString('hex')
    const settle = Promise.withResolvers<BulkChannel>()
    settle.promise.catch(() => undefined)
    const cancel = (): void => {
      clearTimeout(this.#waiting.get(key)?.timer)
      if (this.#waiting.delete(key)) {
        settle.reject(new DOMException('nobody came', 'AbortError'))
      }
    }
    this.#waiting.set(key, { peer, sink, settle, timer: setTimeout(cancel, lifetimeMs) })
    return { token, channel: settle.promise, cancel }
  }

  async open(
    address: Multiaddr,
    peer: PeerId,
    token: Uint8Array,
    { sink, signal }: BulkOpenOptions
  ): Promise<BulkChannel> {
    this.dialled.push(address)
    if (this.faults.refuseDials) {
      throw new DOMException('unreachable', 'NetworkError')
    }
    const [host] = address.getComponents()
    const port = FakeBulkChannels.#ports.get(peer.toString()) ?? 0
    const ready = Promise.withResolvers<undefined>()
    const started: { channel?: FakeChannel } = {}
    const head = new Uint8Array(1)
    const onread: OnReadOpts = {
      buffer: () => (started.channel === undefined ? head : started.channel.buffer()),
      callback: (bytes) => {
        if (started.channel === undefined) {
          ready.resolve(undefined)
          // not read further before the caller knows the channel
          started.channel = new FakeChannel(socket, peer, address, sink)
          return true
        }
        return started.channel.filled(bytes)
      }
    }
    const socket = connect({ host: host?.value ?? '', port, noDelay: true, onread })
    this.#sockets.add(socket)
    const cut = (): void => {
      socket.destroy()
      ready.reject(signal?.reason)
    }
    signal?.addEventListener('abort', cut)
    socket.on('error', ready.reject)
    socket.on('close', () => {
      ready.reject(new DOMException('refused', 'NetworkError'))
    })
    socket.write(token)
    try {
      await ready.promise
    } finally {
      signal?.removeEventListener('abort', cut)
    }
    if (started.channel === undefined) {
      throw new RangeError('no channel')
    }
    this.#add(started.channel)
    return started.channel
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) {
      socket.destroy()
    }
    this.#server.close()
    await once(this.#server, 'close')
  }

  #onSocket(socket: Socket): void {
    let seen = Buffer.alloc(0)
    const onData = (chunk: Buffer): void => {
      seen = Buffer.concat([seen, chunk])
      if (seen.byteLength < BULK_TOKEN_BYTES || this.faults.neverAnswer) {
        return
      }
      socket.off('data', onData)
      const key = seen.toString('hex')
      const waiting = this.#waiting.get(key)
      this.#waiting.delete(key)
      if (waiting === undefined) {
        socket.destroy()
        return
      }
      clearTimeout(waiting.timer)
      socket.write(Uint8Array.of(1))
      const channel = new FakeChannel(socket, waiting.peer, multiaddr('/ip4/127.0.0.1/tcp/1'), waiting.sink)
      socket.on('data', (bytes) => {
        channel.copy(bytes)
      })
      this.#add(channel)
      waiting.settle.resolve(channel)
    }
    socket.on('data', onData)
    socket.resume()
  }

  #add(channel: FakeChannel): void {
    this.opened++
    this.open_.push(channel)
    void channel.closed.then(() => {
      this.open_.splice(this.open_.indexOf(channel), 1)
    })
    this.onChannel(channel)
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port
  }
}

/** One plain socket as a bulk channel. */
export class FakeChannel implements BulkChannel {
  readonly remotePeer: PeerId
  readonly remoteAddr: Multiaddr
  readonly closed: Promise<Error | undefined>
  received = 0
  sent = 0
  /** Changes what is written. */
  change: (parts: readonly Uint8Array[]) => readonly Uint8Array[] = (parts) => parts
  /** Called when bytes were read. */
  onRead: (total: number) => void = () => undefined
  readonly #socket: Socket
  readonly #sink: BulkSink
  readonly #end = Promise.withResolvers<Error | undefined>()
  #error: Error | undefined
  #rest: Buffer[] = []
  #stopped = false

  constructor(socket: Socket, peer: PeerId, address: Multiaddr, sink: BulkSink) {
    this.#socket = socket
    this.remotePeer = peer
    this.remoteAddr = address
    this.#sink = sink
    this.closed = this.#end.promise
    socket.on('error', (error) => {
      this.#error ??= error
    })
    socket.on('close', () => {
      this.#end.resolve(this.#error)
    })
  }

  get queuedBytes(): number {
    return this.#socket.writableLength
  }

  buffer(): Uint8Array {
    return this.#sink.buffer()
  }

  filled(bytes: number): boolean {
    this.received += bytes
    try {
      const more = this.#sink.filled(bytes)
      this.#stopped = !more
      this.onRead(this.received)
      return more
    } catch (error) {
      this.abort(error as Error)
      return false
    }
  }

  /** What came by `data` events, for channels that were not dialled. */
  copy(chunk: Buffer): void {
    this.#rest.push(chunk)
    this.#pump()
  }

  write(parts: readonly Uint8Array[], done: () => void = () => undefined): boolean {
    this.#socket.cork()
    let more = true
    for (const [at, part] of this.change(parts).entries()) {
      this.sent += part.byteLength
      more = this.#socket.write(part, at === parts.length - 1 ? done : undefined)
    }
    this.#socket.uncork()
    return more
  }

  async drained(): Promise<void> {
    if (!this.#socket.destroyed && this.#socket.writableNeedDrain) {
      const { promise, resolve } = Promise.withResolvers<undefined>()
      this.#socket.once('drain', () => {
        resolve(undefined)
      })
      await Promise.race([promise, this.closed])
    }
  }

  resume(): void {
    this.#stopped = false
    const more = this.#pump()
    if (more && !this.#socket.destroyed) {
      this.#socket.resume()
    }
  }

  end(): void {
    this.#socket.end()
  }

  abort(error: Error): void {
    this.#error ??= error
    this.#socket.destroy()
  }

  /** The network cuts it. */
  cut(): void {
    this.#socket.resetAndDestroy()
  }

  /** Returns whether the sink takes more. */
  #pump(): boolean {
    for (let chunk = this.#rest.shift(); chunk !== undefined; chunk = this.#rest.shift()) {
      if (this.#stopped) {
        this.#rest.unshift(chunk)
        this.#socket.pause()
        return false
      }
      const room = this.#sink.buffer()
      const piece = chunk.subarray(0, room.byteLength)
      room.set(piece)
      if (piece.byteLength < chunk.byteLength) {
        this.#rest.unshift(chunk.subarray(piece.byteLength))
      }
      if (!this.filled(piece.byteLength) && this.#socket.destroyed) {
        return false
      }
    }
    return !this.#stopped
  }
}
