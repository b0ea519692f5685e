import { randomBytes, randomInt } from 'node:crypto'
import { serviceCapabilities, transportSymbol } from '@libp2p/interface'
import type {
  Connection,
  CreateListenerOptions,
  DialTransportOptions,
  Listener,
  Logger,
  Startable
} from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { bulkChannelsSymbol, datagramEndpointSymbol } from '@p2pshare/interface'
import type { BulkChannels, DatagramAddress, DatagramEndpoint } from '@p2pshare/interface'
import { Acceptor } from './acceptor.ts'
import { UdxBulkChannels } from './bulk/bulk-channels.ts'
import type { UdxConnection } from './connection.ts'
import { Connections } from './connections.ts'
import { IDLE_PROBE_INTERVAL_MS } from './constants.ts'
import { EarlyPackets } from './early-packets.ts'
import { toError } from './events.ts'
import { Admission } from './handshake/admission.ts'
import { Dials } from './handshake/dials.ts'
import { StreamIds } from './ids.ts'
import type { Udx, UdxComponents } from './index.ts'
import { KeyExchange } from './key-exchange.ts'
import { UdxListener } from './listener.ts'
import { isUdxAddress, toTarget } from './multiaddr.ts'
import { Native } from './native.ts'
import type { UdxOptions } from './options.ts'
import { PunchedPaths } from './punched.ts'
import { Sockets } from './sockets.ts'
import type { UdpSocket } from './udp-socket.ts'
import { decodeHandshake } from './wire/handshake.ts'

/** How many bytes of secret a cookie is made with. */
const SECRET_BYTES = 32

/** UDX for libp2p: connections over UDP sockets that carry other datagrams too. */
export class UdxTransport implements Udx, Startable {
  readonly [transportSymbol] = true
  readonly [Symbol.toStringTag] = '@p2pshare/transport-udx'
  readonly [serviceCapabilities]: string[] = ['@libp2p/transport']
  readonly [datagramEndpointSymbol]: DatagramEndpoint
  readonly [bulkChannelsSymbol]: BulkChannels | undefined
  readonly #bulk: UdxBulkChannels
  readonly #options: UdxOptions
  readonly #log: Logger
  readonly #ids = new StreamIds(randomInt)
  readonly #dials = new Dials()
  readonly #early = new EarlyPackets()
  readonly #sockets: Sockets
  readonly #connections: Connections
  readonly #acceptor: Acceptor
  readonly #keyExchange: KeyExchange

  constructor(components: UdxComponents, options: UdxOptions) {
    const { logger, registrar, upgrader, metrics, connectionProtector } = components
    this.#options = options
    this.#log = logger.forComponent('p2pshare:udx')
    const counters = metrics?.registerCounterGroup('p2pshare_udx_events_total', {
      label: 'event',
      help: 'UDX connections by what became of them'
    })
    const native = new Native(options)
    const ids = this.#ids
    this.#connections = new Connections({ native, ids, options, logger, metrics: counters })
    this.#sockets = new Sockets({
      native,
      logger,
      maxOpenSockets: options.maxOpenSockets,
      onStray: (packet) => {
        this.#early.keep(packet, (id) => ids.isReserved(id))
      },
      onProtocol: (bytes, from, socket) => {
        this.#onDatagram(bytes, from, socket)
      }
    })
    this.#acceptor = new Acceptor({
      admission: new Admission({ ...options, secret: randomBytes(SECRET_BYTES) }),
      connections: this.#connections,
      ids,
      halfOpenTimeoutMs: options.halfOpenTimeoutMs,
      log: this.#log,
      metrics: counters
    })
    this.#keyExchange = new KeyExchange({ registrar, connections: this.#connections, log: this.#log })
    this.#bulk = new UdxBulkChannels({ connections: this.#connections, log: logger.forComponent('p2pshare:udx:bulk') })
    // a private network lets nobody in who does not have its key, and a bulk channel does not ask for that
    this[bulkChannelsSymbol] = connectionProtector === undefined ? this.#bulk : undefined
    this[datagramEndpointSymbol] = new PunchedPaths({
      sockets: this.#sockets,
      connections: this.#connections,
      ids,
      early: this.#early,
      upgrader,
      onConnection: (connection, below, isInitiator) => {
        this.#watch(connection, below, isInitiator)
      }
    })
  }

  async start(): Promise<void> {
    await this.#keyExchange.start()
  }

  /** Listeners are libp2p's to close; other sockets are ours. */
  async stop(): Promise<void> {
    await this.#keyExchange.stop()
    this.#bulk.stop()
    await this.#sockets.close()
  }

  listenFilter(addresses: Multiaddr[]): Multiaddr[] {
    return addresses.filter(isUdxAddress)
  }

  dialFilter(addresses: Multiaddr[]): Multiaddr[] {
    return addresses.filter(isUdxAddress)
  }

  createListener({ upgrader }: CreateListenerOptions): Listener {
    return new UdxListener({ upgrader, sockets: this.#sockets, acceptor: this.#acceptor })
  }

  /**
   * @throws DialRejectedError when the other end takes no more
   * @throws DeadlineError when it does not answer
   */
  async dial(address: Multiaddr, options: DialTransportOptions): Promise<Connection> {
    const { signal, upgrader } = options
    signal.throwIfAborted()
    const remote = toTarget(address)
    const socket = this.#sockets.forDial(remote.host)
    const below = await this.#ask(socket, remote, address, signal)
    try {
      const connection = await upgrader.upgradeOutbound(below, options)
      this.#watch(connection, below, true)
      return connection
    } catch (error) {
      below.abort(toError(error))
      throw error
    }
  }

  async #ask(
    socket: UdpSocket,
    remote: DatagramAddress,
    remoteAddr: Multiaddr,
    signal: AbortSignal
  ): Promise<UdxConnection> {
    const { initRetryMs: retryMs, handshakeTimeoutMs: timeoutMs } = this.#options
    const localId = this.#ids.take()
    let remoteId: number
    try {
      remoteId = await this.#dials.ask({ socket, remote, localId, retryMs, timeoutMs, signal })
    } catch (error) {
      this.#ids.release(localId)
      throw error
    }
    return this.#connections.create({ socket, localId, remoteId, remote, remoteAddr, direction: 'outbound' })
  }

  #watch(connection: Connection, below: UdxConnection, isInitiator: boolean): void {
    // until there are keys, and for peers that do not speak our protocol
    below.keepAlive(IDLE_PROBE_INTERVAL_MS)
    if (isInitiator) {
      void this.#keyExchange.ask(connection, below)
    }
  }

  #onDatagram(bytes: Uint8Array, from: DatagramAddress, socket: UdpSocket): void {
    const message = decodeHandshake(bytes)
    switch (message?.type) {
      case 'init':
        this.#acceptor.onInit(message, from, socket)
        break
      case 'retry':
      case 'accept':
      case 'reject':
        this.#dials.onAnswer(message, from, socket)
        break
      case undefined:
        this.#connections.onDatagram(bytes, from, socket)
    }
  }
}
