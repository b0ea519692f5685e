import type { ComponentLogger, Connection, Libp2pEvents, Startable, Stream } from '@libp2p/interface'
import type { Registrar, TransportManager } from '@libp2p/interface-internal'
import type { DatagramSocket } from '@p2pshare/interface'
import type { TypedEventTarget } from 'main-event'
import { CODE_P2P } from '@multiformats/multiaddr'
import { bindDgram } from '../stun/dgram-socket.ts'
import type { BindOptions } from '../stun/dgram-socket.ts'
import { RateLimiter } from '../stun/rate-limiter.ts'
import type { StunServerOptions, StunServerStats } from '../stun/server.ts'
import { MAX_INFO_STREAMS, OBSERVED_PROTOCOL, STUN_PROTOCOL } from './constants.ts'
import { findDatagramEndpoint } from './endpoints.ts'
import { answerPeer } from './exchange.ts'
import { remoteEndOf } from './remote-host.ts'
import { StunHosts } from './stun-hosts.ts'
import { decodeStunQuery, encodeObserved, encodeStunInfo } from './wire/codec.ts'
import type { StunEndpointMessage } from './wire/codec.ts'

/** What the service needs from the node. */
export interface StunServiceComponents {
  readonly registrar: Pick<Registrar, 'handle' | 'unhandle'>
  readonly transportManager: Pick<TransportManager, 'getTransports'>
  readonly events: TypedEventTarget<Libp2pEvents>
  readonly logger: ComponentLogger
}

/** How a node answers STUN. */
export interface StunServiceInit extends Pick<StunServerOptions, 'answerShortQuestions' | 'limits'> {
  /**
   * IPv4 address to answer on where no transport of this node listens on UDP. On a machine with several, a wildcard may
   * answer from another than was asked, which a strict NAT does not let in.
   *
   * @default every address, over IPv4 and IPv6
   */
  readonly host?: string
  /**
   * UDP port to answer on where no transport of this node listens on UDP; `0`: one of the system's choice. Where one does,
   * its sockets are used.
   *
   * @default 0
   */
  readonly port?: number
  /**
   * A second UDP port, which shows how a NAT maps and what it lets in; `0`: one of the system's choice. So it is where the port
   * is taken. Name it where a firewall is in front of this node, and let both ports in.
   *
   * @default 0
   */
  readonly otherPort?: number
  /** `otherPort` is taken, and another one is used. @default only in the debug log */
  readonly onPortTaken?: (taken: number, used: number) => void
  /**
   * A second address of this machine, or one for each address family, for answers from another host. The first one is then
   * to be listened on by itself, not by a wildcard.
   *
   * @default another address that a transport of this node listens on by itself
   */
  readonly otherHost?: string | readonly string[]
  /** Milliseconds since the Unix epoch. @default Date.now */
  readonly clock?: () => number
}

/** What bootstrap and relay nodes run: they answer STUN, tell what they see of a connection, and the time. */
export class StunService implements Startable {
  readonly #components: StunServiceComponents
  readonly #init: StunServiceInit
  readonly #log: ReturnType<ComponentLogger['forComponent']>
  readonly #servers = new Map<4 | 6, StunHosts>()
  #own: DatagramSocket[] = []
  #stopping = new AbortController()
  #running = false

  constructor(components: StunServiceComponents, init: StunServiceInit = {}) {
    this.#components = components
    this.#init = init
    this.#log = components.logger.forComponent('p2pshare:nat:stun')
  }

  /** Answered and dropped, all sockets together. */
  get stats(): StunServerStats {
    const all = [...this.#servers.values()].map(({ stats }) => stats)
    return {
      answered: all.reduce((sum, { answered }) => sum + answered, 0),
      dropped: all.reduce((sum, { dropped }) => sum + dropped, 0)
    }
  }

  /** Where it answers. */
  endpoints(): readonly StunEndpointMessage[] {
    return [...this.#servers].flatMap(([family, { endpoints }]) => endpoints.map((each) => ({ family, ...each })))
  }

  async start(): Promise<void> {
    if (this.#running) {
      return
    }
    this.#running = true
    this.#stopping = new AbortController()
    const options = { maxInboundStreams: MAX_INFO_STREAMS, runOnLimitedConnection: false }
    await this.#components.registrar.handle(OBSERVED_PROTOCOL, this.#onObserved, options)
    await this.#components.registrar.handle(STUN_PROTOCOL, this.#onStun, options)
  }

  /** The transports listen by now, or tell when they do. Throws `BindFailedError`. */
  async afterStart(): Promise<void> {
    const { events, transportManager } = this.#components
    if (findDatagramEndpoint(transportManager) === undefined) {
      const { host, port = 0 } = this.#init
      await this.#hostsOf(4).serve([await this.#bind(4, host === undefined ? { port } : { host, port })])
      if (host === undefined) {
        await this.#serveIp6(port)
      }
      return
    }
    events.addEventListener('transport:listening', this.#onListening)
    await this.#serveTransport()
  }

  async stop(): Promise<void> {
    this.#running = false
    this.#stopping.abort()
    this.#components.events.removeEventListener('transport:listening', this.#onListening)
    await this.#components.registrar.unhandle(OBSERVED_PROTOCOL)
    await this.#components.registrar.unhandle(STUN_PROTOCOL)
    for (const server of this.#servers.values()) {
      server.stop()
    }
    this.#servers.clear()
    this.#own.splice(0).forEach((socket) => socket.close())
  }

  /** Where the machine has IPv6. */
  async #serveIp6(port: number): Promise<void> {
    try {
      await this.#hostsOf(6).serve([await this.#bind(6, { port })])
    } catch (error) {
      this.#log('no STUN over IPv6 - %e', error)
    }
  }

  readonly #onListening = (): void => {
    this.#serveTransport().catch((error: unknown) => this.#log.error('cannot answer STUN - %e', error))
  }

  async #serveTransport(): Promise<void> {
    const sockets = findDatagramEndpoint(this.#components.transportManager)?.sockets() ?? []
    for (const family of [4, 6] as const) {
      const own = sockets.filter((one) => one.family === family)
      if (own.length > 0) {
        await this.#hostsOf(family).serve(own)
      }
    }
  }

  #hostsOf(family: 4 | 6): StunHosts {
    const found = this.#servers.get(family)
    if (found !== undefined) {
      return found
    }
    const { otherPort = 0, otherHost = [], answerShortQuestions = false, limits, onPortTaken } = this.#init
    const hosts = new StunHosts({
      family,
      bind: async (...socket) => this.#bind(...socket),
      options: { answerShortQuestions, limiter: new RateLimiter(performance.now(), limits) },
      otherPort,
      otherHosts: [otherHost].flat(),
      onPortTaken,
      log: this.#log
    })
    this.#servers.set(family, hosts)
    return hosts
  }

  async #bind(family: 4 | 6, options: BindOptions): Promise<DatagramSocket> {
    const socket = await bindDgram(family, options)
    if (this.#running) {
      this.#own.push(socket)
    } else {
      socket.close()
    }
    return socket
  }

  readonly #onObserved = async (stream: Stream, connection: Connection): Promise<void> => {
    const clock = this.#init.clock ?? Date.now
    await answerPeer(stream, this.#stopping.signal, false, () =>
      encodeObserved({ address: connection.remoteAddr.decapsulateCode(CODE_P2P), timeMs: clock() })
    )
  }

  readonly #onStun = async (stream: Stream, connection: Connection): Promise<void> => {
    await answerPeer(stream, this.#stopping.signal, true, (question) => {
      const { knock } = decodeStunQuery(question)
      const remote = remoteEndOf(connection)
      // to nowhere but the address that this very connection has proved to come from
      const server = remote === undefined ? undefined : this.#servers.get(remote.host.includes(':') ? 6 : 4)
      const knocked =
        knock !== undefined && remote !== undefined && server !== undefined
          ? server.knock({ host: remote.host, port: knock.port }, knock.transactionId)
          : false
      return encodeStunInfo({ endpoints: this.endpoints(), knocked })
    })
  }
}
