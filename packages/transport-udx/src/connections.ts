import { randomBytes } from 'node:crypto'
import type { ComponentLogger, Connection, CounterGroup, MessageStreamDirection } from '@libp2p/interface'
import { DeadlineError } from '@p2pshare/interface'
import type { DatagramAddress } from '@p2pshare/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { UdxConnection } from './connection.ts'
import { TICKS_PER_PROBE } from './constants.ts'
import { SocketUnavailableError } from './errors.ts'
import type { StreamIds } from './ids.ts'
import type { Native, NativeStream } from './native.ts'
import type { UdxOptions } from './options.ts'
import { PathGuard } from './path/guard.ts'
import type { PathKeys, StreamPair } from './path/keys.ts'
import type { UdpSocket } from './udp-socket.ts'
import { tokenOf, tokenText } from './wire/path.ts'

export interface ConnectionsInit {
  readonly native: Native
  readonly ids: StreamIds
  readonly options: UdxOptions
  readonly logger: ComponentLogger
  readonly metrics: CounterGroup | undefined
}

/** One end of a stream, and who is at the other. */
export interface Ends {
  readonly socket: UdpSocket
  /** Taken from the ids of this node; given back when the connection is gone. */
  readonly localId: number
  readonly remoteId: number
  /** Canonical. */
  readonly remote: DatagramAddress
  readonly remoteAddr: Multiaddr
  readonly direction: MessageStreamDirection
}

interface Entry {
  guard?: PathGuard
  bytes: number
  activeAt: number
}

/** All connections of one node, and the clock that watches over them. */
export class Connections {
  readonly #init: ConnectionsInit
  readonly #entries = new Map<UdxConnection, Entry>()
  readonly #guards = new Map<string, PathGuard>()
  /** libp2p's connection has the very timeline of ours, which is how the one is found from the other. */
  readonly #byTimeline = new WeakMap<object, UdxConnection>()
  #clock: NodeJS.Timeout | undefined

  constructor(init: ConnectionsInit) {
    this.#init = init
  }

  get size(): number {
    return this.#entries.size
  }

  /** A stream between two ends. Throws `SocketUnavailableError`; the id is given back then. */
  create({ socket, localId, remoteId, remote, remoteAddr, direction }: Ends): UdxConnection {
    const { native, ids, options, logger, metrics } = this.#init
    if (!socket.isOpen) {
      ids.release(localId)
      throw new SocketUnavailableError('the socket is closed')
    }
    const stream = native.stream(localId)
    stream.connect(socket.native, remoteId, remote.port, remote.host)
    const connection = new UdxConnection({
      stream,
      socket,
      remote,
      remoteAddr,
      direction,
      log: logger.forComponent(`p2pshare:udx:${direction}`),
      closeTimeoutMs: options.closeTimeoutMs,
      inactivityTimeout: options.inactivityTimeoutMs,
      maxReadBufferLength: options.maxReadBufferBytes,
      ...(metrics === undefined ? {} : { metrics })
    })
    this.#entries.set(connection, { bytes: 0, activeAt: performance.now() })
    this.#byTimeline.set(connection.timeline, connection)
    socket.connections.add(connection)
    void connection.gone.then(() => {
      ids.release(localId)
      socket.connections.delete(connection)
      this.#forget(connection)
    })
    this.#clock ??= setInterval(this.#onTick, options.probeIntervalMs / TICKS_PER_PROBE).unref()
    return connection
  }

  /** Ours beneath one of libp2p's; `undefined`: it is another transport's. */
  beneath(connection: Connection): UdxConnection | undefined {
    return this.#byTimeline.get(connection.timeline)
  }

  /** The ends of a connection agreed on keys: watch over its path. Once for each connection. */
  guard(connection: UdxConnection, keys: PathKeys): void {
    const entry = this.#entries.get(connection)
    const token = tokenText(keys.receive.token)
    if (entry === undefined || entry.guard !== undefined || this.#guards.has(token)) {
      return
    }
    entry.guard = new PathGuard({
      connection,
      keys,
      times: this.#init.options,
      log: this.#init.logger.forComponent('p2pshare:udx:path'),
      now: performance.now(),
      random: randomBytes,
      successor: (ids, to) => this.#successor(connection, ids, to)
    })
    this.#guards.set(token, entry.guard)
    // probes do that from now on
    connection.keepAlive(0)
  }

  /** Another stream over the path of a connection; `undefined`: it cannot be made. */
  another(connection: UdxConnection, ids: StreamPair): NativeStream | undefined {
    return this.#successor(connection, ids, connection.remote)
  }

  isGuarded(connection: UdxConnection): boolean {
    return this.#entries.get(connection)?.guard !== undefined
  }

  /** A path message of anybody. */
  onDatagram(bytes: Uint8Array, from: DatagramAddress, socket: UdpSocket): void {
    const token = tokenOf(bytes)
    if (token !== undefined) {
      this.#guards.get(token)?.onDatagram(bytes, from, socket, performance.now())
    }
  }

  #successor(
    { socket, isOver }: UdxConnection,
    { localId, remoteId }: StreamPair,
    { host, port }: DatagramAddress
  ): NativeStream | undefined {
    const { native, ids } = this.#init
    if (isOver || !socket.isOpen || !ids.claim(localId)) {
      return undefined
    }
    const stream = native.stream(localId)
    stream.connect(socket.native, remoteId, port, host)
    stream.once('close', () => {
      ids.release(localId)
    })
    return stream
  }

  readonly #onTick = (): void => {
    const now = performance.now()
    const { inactivityTimeoutMs } = this.#init.options
    for (const [connection, entry] of this.#entries) {
      const { bytesReceived, bytesSent } = connection.traffic
      const bytes = bytesReceived + bytesSent
      if (bytes !== entry.bytes) {
        entry.bytes = bytes
        entry.activeAt = now
      } else if (now - entry.activeAt >= inactivityTimeoutMs) {
        connection.abort(new DeadlineError('the next sign of life of the connection', inactivityTimeoutMs))
        continue
      }
      entry.guard?.tick(now)
    }
  }

  #forget(connection: UdxConnection): void {
    const guard = this.#entries.get(connection)?.guard
    if (guard !== undefined) {
      this.#guards.delete(tokenText(guard.token))
    }
    this.#entries.delete(connection)
    if (this.#entries.size === 0) {
      clearInterval(this.#clock)
      this.#clock = undefined
    }
  }
}
