import { serviceCapabilities, transportSymbol } from '@libp2p/interface'
import type {
  ComponentLogger,
  Connection,
  CounterGroup,
  CreateListenerOptions,
  Listener,
  Startable,
  UpgraderOptions
} from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { asksAboutNamesSymbol, bulkChannelsSymbol, localPortDialerSymbol } from '@p2pshare/interface'
import type { LocalPortDialOptions, LocalPortDialer } from '@p2pshare/interface'
import { BulkService } from './bulk/bulk-channels.ts'
import { TcpConnection } from './connection.ts'
import { DialGroups } from './dial-groups.ts'
import { Dialer } from './dialer.ts'
import type { Dialled } from './dialer.ts'
import { isTcpAddress } from './endpoint.ts'
import { ConnectFailedError, InvalidLocalPortError } from './errors.ts'
import { InboundLimits } from './inbound-limits.ts'
import type { Tcp, TcpComponents, TcpDialOptions } from './index.ts'
import { TcpListener } from './listener.ts'
import type { TcpOptions } from './options.ts'
import { toError } from './socket-events.ts'

/** Sockets for libp2p. */
export class TcpTransport implements Tcp, LocalPortDialer, Startable {
  readonly [transportSymbol] = true
  readonly [Symbol.toStringTag] = '@p2pshare/transport-tcp'
  readonly [serviceCapabilities]: string[] = ['@libp2p/transport']
  readonly [localPortDialerSymbol]: LocalPortDialer = this
  readonly [asksAboutNamesSymbol] = true
  readonly [bulkChannelsSymbol]: BulkService | undefined
  readonly #components: TcpComponents
  readonly #logger: ComponentLogger
  readonly #options: TcpOptions
  readonly #limits: InboundLimits
  readonly #groups = new DialGroups(queueMicrotask)
  readonly #listeners = new Set<Listener>()
  readonly #dialer: Dialer
  readonly #metrics: CounterGroup | undefined

  constructor(components: TcpComponents, options: TcpOptions) {
    this.#components = components
    this.#logger = components.logger
    this.#options = options
    this.#limits = new InboundLimits(options)
    this.#dialer = new Dialer({ ...options, gater: components.connectionGater })
    this.#metrics = components.metrics?.registerCounterGroup('p2pshare_tcp_events_total', {
      label: 'event',
      help: 'TCP connections by what became of them'
    })
    // a private network lets nobody in who does not have its key, and a bulk channel does not ask for that
    this[bulkChannelsSymbol] =
      components.connectionProtector === undefined
        ? new BulkService({
            privateKey: components.privateKey,
            logger: components.logger,
            gater: components.connectionGater,
            addresses: () => this.#addresses()
          })
        : undefined
  }

  start(): void {
    // libp2p wants both; sockets are opened when it asks for them
  }

  /** Listeners and connections are libp2p's to close; bulk channels are ours. */
  stop(): void {
    this[bulkChannelsSymbol]?.stop()
  }

  listenFilter(addresses: Multiaddr[]): Multiaddr[] {
    return addresses.filter(isTcpAddress)
  }

  dialFilter(addresses: Multiaddr[]): Multiaddr[] {
    const ours = addresses.filter(isTcpAddress)
    for (const address of ours) {
      this.#groups.see(address)
    }
    return ours
  }

  createListener({ upgrader }: CreateListenerOptions): Listener {
    const bulk = this[bulkChannelsSymbol]
    const listener = new TcpListener({
      upgrader,
      logger: this.#logger,
      options: this.#options,
      limits: this.#limits,
      acceptTls: bulk === undefined ? undefined : (socket, options) => bulk.accept(socket, options),
      metrics: this.#metrics
    })
    this.#listeners.add(listener)
    listener.addEventListener('close', () => this.#listeners.delete(listener))
    return listener
  }

  /**
   * @throws ConnectFailedError when none of the addresses answers
   * @throws LocalPortTakenError when `localPort` cannot be used
   */
  async dial(address: Multiaddr, options: TcpDialOptions): Promise<Connection> {
    const { signal, localPort } = options
    signal.throwIfAborted()
    if (localPort !== undefined && !(Number.isInteger(localPort) && localPort > 0 && localPort < 65_536)) {
      throw new InvalidLocalPortError(localPort)
    }
    const failures: unknown[] = []
    const sockets = this.#dialer.dial({
      address,
      companions: this.#groups.take(address, jobOf(options)),
      signal,
      localPort,
      onFailure: (error) => failures.push(error)
    })
    for await (const dialled of sockets) {
      try {
        const connection = await this.#upgrade(dialled, options)
        this.#groups.forget(address)
        return connection
      } catch (error) {
        signal.throwIfAborted()
        // somebody else may sit at this address
        failures.push(error)
      }
    }
    const [failure] = failures
    throw failures.length === 1 ? failure : new ConnectFailedError(address, failures)
  }

  async dialFrom(localPort: number, address: Multiaddr, options: LocalPortDialOptions): Promise<Connection> {
    const { upgrader } = this.#components
    return this.dial(address, { ...options, localPort, upgrader })
  }

  #addresses(): Multiaddr[] {
    return [...this.#listeners].flatMap((listener) => listener.getAddrs())
  }

  async #upgrade({ socket, address }: Dialled, options: TcpDialOptions & UpgraderOptions): Promise<Connection> {
    const connection = new TcpConnection({
      socket,
      remoteAddr: address,
      // in a simultaneous open both dial; the muxer takes its side from this
      direction: options.initiator === false ? 'inbound' : 'outbound',
      log: this.#logger.forComponent('p2pshare:tcp:outbound'),
      inactivityTimeoutMs: this.#options.inactivityTimeoutMs,
      closeTimeoutMs: this.#options.closeTimeoutMs,
      ...(this.#metrics === undefined ? {} : { metrics: this.#metrics })
    })
    try {
      return await options.upgrader.upgradeOutbound(connection, options)
    } catch (error) {
      connection.abort(toError(error))
      throw error
    }
  }
}

/** libp2p's dial queue hands the options of its job on, with the set of addresses that wait in it. */
function jobOf(options: object): object | undefined {
  return 'multiaddrs' in options && options.multiaddrs instanceof Set ? options.multiaddrs : undefined
}
