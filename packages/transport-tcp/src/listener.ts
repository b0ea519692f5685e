import { createServer } from 'node:net'
import type { ListenOptions, Server, Socket } from 'node:net'
import { once } from 'node:events'
import type { ComponentLogger, CounterGroup, Listener, ListenerEvents, Logger, Upgrader } from '@libp2p/interface'
import { InvalidMessageError } from '@p2pshare/interface'
import { getThinWaistAddresses } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { TypedEventEmitter, setMaxListeners } from 'main-event'
import { TcpConnection } from './connection.ts'
import { LISTENER_CLOSE_TIMEOUT_MS, MULTISTREAM_BYTE, TLS_HANDSHAKE_BYTE } from './constants.ts'
import { toMultiaddr, toTarget } from './endpoint.ts'
import { AlreadyListeningError, ListenFailedError } from './errors.ts'
import { firstByte } from './first-byte.ts'
import { originOf } from './inbound-limits.ts'
import type { InboundLimits } from './inbound-limits.ts'
import type { TcpOptions } from './options.ts'
import { toError } from './socket-events.ts'

/**
 * Takes a socket whose first byte, still unread, is that of a TLS handshake. Resolves when the handshake is over in one way or
 * the other; until then the socket counts as pending. The signal is aborted when the listener closes.
 */
export type AcceptTls = (socket: Socket, options: { signal: AbortSignal }) => Promise<void>

export interface TcpListenerInit {
  readonly upgrader: Upgrader
  readonly logger: ComponentLogger
  readonly options: TcpOptions
  /** Shared by all listeners of the transport. */
  readonly limits: InboundLimits
  /** Without it, in a private network, any first byte is libp2p's to judge. */
  readonly acceptTls: AcceptTls | undefined
  readonly metrics: CounterGroup | undefined
}

/** Accepts at one address, and looks at the first byte of who comes. */
export class TcpListener extends TypedEventEmitter<ListenerEvents> implements Listener {
  readonly #init: TcpListenerInit
  readonly #log: Logger
  readonly #server: Server
  readonly #shutdown = new AbortController()
  /** Sockets that no libp2p connection stands for. */
  readonly #sockets = new Set<Socket>()
  readonly #connections = new Set<TcpConnection>()
  #address: Multiaddr | undefined

  constructor(init: TcpListenerInit) {
    super()
    this.#init = init
    this.#log = init.logger.forComponent('p2pshare:tcp:listener')
    // each handshake in progress listens to it
    setMaxListeners(Infinity, this.#shutdown.signal)
    this.#server = createServer({ noDelay: true, keepAlive: true }, (socket) => {
      this.#onSocket(socket)
    })
    this.#server.on('error', (error) => {
      this.safeDispatchEvent('error', { detail: error })
    })
  }

  async listen(address: Multiaddr): Promise<void> {
    if (this.#address !== undefined) {
      throw new AlreadyListeningError(`already listening on ${this.#address.toString()}`)
    }
    this.#address = address
    try {
      this.#server.listen({ ...toListenOptions(address), backlog: this.#init.options.backlog })
      await once(this.#server, 'listening')
    } catch (error) {
      this.#address = undefined
      throw new ListenFailedError(address, { cause: error })
    }
    this.#log('listening on %a', address)
    this.safeDispatchEvent('listening')
  }

  getAddrs(): Multiaddr[] {
    const bound = this.#server.address()
    if (bound === null) {
      return []
    }
    return typeof bound === 'string'
      ? [multiaddr(`/unix/${encodeURIComponent(bound)}`)]
      : getThinWaistAddresses(this.#address, bound.port)
  }

  updateAnnounceAddrs(): void {
    // TCP addresses are known when listening begins, and stay as they are
  }

  /** Takes no more, gives up handshakes and bulk channels, and closes connections. */
  async close(): Promise<void> {
    const stopped = this.#server.listening ? once(this.#server, 'close') : undefined
    this.#server.close()
    this.#shutdown.abort()
    for (const socket of this.#sockets) {
      socket.destroy()
    }
    // libp2p's connection manager stops beside us and waits for the end of each connection it knows: not before it looks
    await new Promise((resolve) => setImmediate(resolve))
    const signal = AbortSignal.timeout(LISTENER_CLOSE_TIMEOUT_MS)
    await Promise.all([...this.#connections].map((connection) => closeOrAbort(connection, signal)))
    // it waits for every socket
    await stopped
    this.safeDispatchEvent('close')
  }

  #onSocket(socket: Socket): void {
    const { limits, metrics } = this.#init
    const remoteAddr = this.#remoteAddress(socket)
    const place = remoteAddr === undefined ? 'gone' : limits.enter(originOf(socket.remoteAddress ?? 'unix'))
    if (remoteAddr === undefined || typeof place === 'string') {
      this.#log('refused a connection: %s', place)
      metrics?.increment({ refused: true })
      refuse(socket)
      return
    }
    metrics?.increment({ accepted: true })
    this.#sockets.add(socket)
    socket.on('error', (error) => {
      this.#log('socket of %a failed - %e', remoteAddr, error)
    })
    socket.once('close', () => {
      this.#sockets.delete(socket)
      place.leave()
    })
    this.#serve(socket, remoteAddr)
      .catch((error: unknown) => {
        this.#log('inbound connection from %a failed - %e', remoteAddr, error)
        metrics?.increment({ failed: true })
        socket.destroy()
      })
      .finally(() => {
        place.settle()
      })
  }

  async #serve(socket: Socket, remoteAddr: Multiaddr): Promise<void> {
    const { options, acceptTls } = this.#init
    const { signal } = this.#shutdown
    const byte = await firstByte(socket, options.firstByteTimeoutMs, { signal })
    if (byte === TLS_HANDSHAKE_BYTE && acceptTls !== undefined) {
      await acceptTls(socket, { signal })
    } else if (byte !== MULTISTREAM_BYTE && acceptTls !== undefined) {
      // libp2p may look for the end of a length in all that ever comes, byte by byte
      throw new InvalidMessageError('the first byte is that of no handshake')
    } else {
      await this.#upgrade(socket, remoteAddr)
    }
  }

  async #upgrade(socket: Socket, remoteAddr: Multiaddr): Promise<void> {
    const { options, upgrader, logger, metrics } = this.#init
    const { signal } = this.#shutdown
    const connection = new TcpConnection({
      socket,
      remoteAddr,
      direction: 'inbound',
      log: logger.forComponent('p2pshare:tcp:inbound'),
      inactivityTimeoutMs: options.inactivityTimeoutMs,
      closeTimeoutMs: options.closeTimeoutMs,
      ...(metrics === undefined ? {} : { metrics })
    })
    try {
      await upgrader.upgradeInbound(connection, { signal })
      signal.throwIfAborted()
    } catch (error) {
      connection.abort(toError(error))
      throw error
    }
    this.#sockets.delete(socket)
    this.#connections.add(connection)
    socket.once('close', () => this.#connections.delete(connection))
    if (socket.closed) {
      this.#connections.delete(connection)
    }
  }

  /** `undefined`: it is gone already. A Unix socket's other end has no address; it gets ours. */
  #remoteAddress({ remoteAddress, remotePort }: Socket): Multiaddr | undefined {
    if (typeof this.#server.address() === 'string') {
      return this.#address
    }
    return remoteAddress === undefined || remotePort === undefined ? undefined : toMultiaddr(remoteAddress, remotePort)
  }
}

/** A reset leaves nothing with us, where an end waits for an answer. Unix sockets know none. */
function refuse(socket: Socket): void {
  if (socket.remoteAddress === undefined) {
    socket.destroy()
  } else {
    socket.resetAndDestroy()
  }
}

function toListenOptions(address: Multiaddr): ListenOptions {
  const target = toTarget(address)
  return target.kind === 'unix'
    ? { path: target.path }
    : { host: target.host, port: target.port, ipv6Only: target.family === 6 }
}

async function closeOrAbort(connection: TcpConnection, signal: AbortSignal): Promise<void> {
  try {
    await connection.close({ signal })
  } catch (error) {
    connection.abort(toError(error))
  }
}
