import type { Connection, Logger, PeerId, PeerStore } from '@libp2p/interface'
import type { Registrar } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'
import { addClockSample, clockOffset } from './clock.ts'
import type { ClockOffset, ClockSample } from './clock.ts'
import { OBSERVED_PROTOCOL, STUN_PROTOCOL } from './constants.ts'
import { askPeer } from './exchange.ts'
import type { Knocker } from './probe.ts'
import { remoteEndOf, toRemoteEnd } from './remote-host.ts'
import type { RemoteEnd } from './remote-host.ts'
import type { KnownServer } from './server-book.ts'
import { decodeObserved, decodeStunInfo, encodeStunQuery } from './wire/codec.ts'

/** What is needed to learn from peers. */
export interface PeerServersInit {
  readonly registrar: Pick<Registrar, 'register' | 'unregister'>
  readonly peerStore: Pick<PeerStore, 'get'>
  readonly log: Logger
  readonly now: () => number
  readonly clock: () => number
  /** Connections that are closed in a moment. */
  readonly ignores: (connection: Connection) => boolean
  /** A peer answers STUN there. */
  readonly onServer: (server: KnownServer) => void
}

/** The peers that answer STUN: where, what time it is there, and who of them can knock from outside. */
export class PeerServers {
  readonly #init: PeerServersInit
  /** By the host that a connection leads to; one each, and no more than there are connections. */
  readonly #connections = new Map<string, Connection>()
  #samples: readonly ClockSample[] = []
  #stopping = new AbortController()
  #topology: string | undefined

  constructor(init: PeerServersInit) {
    this.#init = init
  }

  async start(): Promise<void> {
    this.#stopping = new AbortController()
    this.#topology = await this.#init.registrar.register(STUN_PROTOCOL, {
      onConnect: (peer, connection) => void this.#learn(peer, connection)
    })
  }

  stop(): void {
    this.#stopping.abort()
    if (this.#topology !== undefined) {
      this.#init.registrar.unregister(this.#topology)
      this.#topology = undefined
    }
    this.#connections.clear()
  }

  /** How far this machine's clock is from theirs. */
  clockOffset(): ClockOffset | undefined {
    return clockOffset(this.#samples)
  }

  knockers(family: 4 | 6): readonly Knocker[] {
    return [...this.#connections]
      .filter(([host]) => host.includes(':') === (family === 6))
      .map(([host, connection]) => ({
        host,
        knock: async (port, transactionId, signal) => {
          const question = encodeStunQuery({ knock: { port, transactionId } })
          return decodeStunInfo(await askPeer(connection, STUN_PROTOCOL, question, signal)).knocked
        }
      }))
  }

  /** Whether one of them is connected over UDP, which passes then, whatever becomes of questions. */
  isOverUdp(family: 4 | 6): boolean {
    return [...this.#connections.values()].some((connection) => {
      const remote = remoteEndOf(connection)
      return remote?.transport === 'udp' && remote.host.includes(':') === (family === 6)
    })
  }

  async #learn(peer: PeerId, connection: Connection): Promise<void> {
    const remote = remoteEndOf(connection)
    if (remote === undefined || this.#init.ignores(connection)) {
      return
    }
    const { signal } = this.#stopping
    try {
      void this.#readClock(connection, signal)
      const answer = await askPeer(connection, STUN_PROTOCOL, encodeStunQuery({}), signal)
      this.#keep(remote.host, connection)
      const family = remote.host.includes(':') ? 6 : 4
      const tcp = await this.#tcpAddress(peer, connection, remote)
      for (const { family: theirs, port, otherPort, otherHost } of decodeStunInfo(answer).endpoints) {
        // the host is the one it is reached at: nobody makes us ask a third party first
        if (theirs === family) {
          this.#init.onServer({
            family,
            address: { host: remote.host, port },
            source: peer.toString(),
            ...(otherPort === undefined ? {} : { otherPort }),
            ...(otherHost === undefined ? {} : { otherHost }),
            ...(tcp === undefined ? {} : { tcp })
          })
        }
      }
    } catch (error) {
      this.#init.log('%p did not tell of its STUN server - %e', peer, error)
    }
  }

  /** Where the peer takes TCP connections: where one of ours went, or what it says of itself, at the same host. */
  async #tcpAddress(peer: PeerId, connection: Connection, remote: RemoteEnd): Promise<Multiaddr | undefined> {
    if (connection.direction === 'outbound' && remote.transport === 'tcp') {
      return connection.remoteAddr
    }
    const { addresses } = await this.#init.peerStore.get(peer)
    const found = addresses.find(({ multiaddr }) => {
      const end = toRemoteEnd(multiaddr)
      return end?.transport === 'tcp' && end.host === remote.host
    })
    return found?.multiaddr.encapsulate(`/p2p/${peer.toString()}`)
  }

  #keep(host: string, connection: Connection): void {
    this.#connections.set(host, connection)
    connection.addEventListener('close', () => {
      if (this.#connections.get(host) === connection) {
        this.#connections.delete(host)
      }
    })
  }

  async #readClock(connection: Connection, signal: AbortSignal): Promise<void> {
    const { now, clock } = this.#init
    const [ours, begun] = [clock(), now()]
    try {
      const { timeMs } = decodeObserved(await askPeer(connection, OBSERVED_PROTOCOL, undefined, signal))
      const rttMs = now() - begun
      const peer = connection.remotePeer.toString()
      this.#samples = addClockSample(this.#samples, { peer, theirs: timeMs, ours: ours + rttMs / 2, rttMs })
    } catch (error) {
      this.#init.log('no clock of %p - %e', connection.remotePeer, error)
    }
  }
}
