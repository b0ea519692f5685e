import type {
  AbortOptions,
  ComponentLogger,
  Connection,
  Libp2pEvents,
  Logger,
  PeerId,
  PeerStore,
  Startable
} from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Path } from '@p2pshare/interface'
import { TypedEventEmitter, setMaxListeners } from 'main-event'
import type { TypedEventTarget } from 'main-event'
import { chooseConnection, isCircuit, isRelayed, linkKind, toPath } from './choose-path.ts'
import { INTERFACES_MS, MAX_RECOVERING_PEERS, TICK_MS } from './constants.ts'
import { PathHistory } from './path-history.ts'
import type { PathChange } from './path-history.ts'
import { readInterfaces } from './interfaces.ts'
import { carriesData, lookAt } from './look.ts'
import { ConnectionMeter } from './meter.ts'
import { NO_PATH, PATH_TUNING } from './path-state.ts'
import type { Link, PathEffect, PathEvent, PathState, PathTuning } from './path-state.ts'
import { pingConnection } from './ping.ts'
import { stepPath } from './step-path.ts'

/** What the path manager needs from the node that hosts it. */
export interface PathManagerComponents {
  readonly connectionManager: Pick<ConnectionManager, 'getConnections' | 'openConnection'>
  readonly events: TypedEventTarget<Libp2pEvents>
  readonly peerStore: Pick<PeerStore, 'get'>
  readonly logger: ComponentLogger
}

/** What may be given to the path manager. Each has a default. */
export interface PathManagerOptions extends Partial<PathTuning> {
  /** How often paths are looked at. @default 100 */
  readonly tickMs?: number
  /** Ask for a direct path to a peer that only a relay reaches; resolves when the try is over. Default: nobody is asked. */
  readonly punchNow?: (peer: PeerId, options: { readonly signal: AbortSignal }) => Promise<unknown>
  /**
   * Called with the connection that stays when another of the peer has closed, for protocols that keep one stream a peer
   * and do not see that it went: identify on it makes libp2p tell them of the peer again. With it, such streams do not
   * keep a relayed connection open. Default: they do.
   */
  readonly carryOver?: (connection: Connection) => Promise<unknown>
  /** Connections that are none of ours yet, as those that only try an address; asked again at each look. Default: none. */
  readonly ignores?: (connection: Connection) => boolean
  /** Bytes that went through relays with a peer. Default: nobody counts. */
  readonly relayedBytes?: (peer: PeerId) => number
  /** What the network interfaces look like now; another text means that they changed. Default: those of this machine. */
  readonly interfaces?: () => string
  /** Milliseconds; does not go back. */
  readonly now?: () => number
  readonly random?: () => number
}

/** `path:change`: bytes to a peer take another connection, or none. `network:change`: interfaces of this machine did. */
export interface PathManagerEvents {
  'network:change': CustomEvent<undefined>
  'path:change': CustomEvent<PathChange>
}

interface Entry {
  readonly peer: PeerId
  state: PathState
  readonly connections: Map<string, Connection>
  readonly meters: Map<string, ConnectionMeter>
  /** The last circuit there was: how to come back. */
  circuit?: Multiaddr
}

/** The connections of each peer, ranked; which one is the best, and what is done so that there is one. */
export class PathManager extends TypedEventEmitter<PathManagerEvents> implements Startable {
  readonly #components: PathManagerComponents
  readonly #options: PathManagerOptions
  readonly #tuning: PathTuning
  readonly #now: () => number
  readonly #random: () => number
  readonly #interfaces: () => string
  readonly #log: Logger
  readonly #peers = new Map<string, Entry>()
  readonly #history = new PathHistory()
  readonly #listeners = new Set<(peer: PeerId) => void>()
  #stopping = new AbortController()
  #timer: ReturnType<typeof setInterval> | undefined
  #seenInterfaces = ''
  #seenInterfacesAt = -Infinity

  constructor(components: PathManagerComponents, options: PathManagerOptions = {}) {
    super()
    this.#components = components
    this.#options = options
    this.#tuning = { ...PATH_TUNING, ...options }
    this.#now = options.now ?? (() => performance.now())
    this.#random = options.random ?? Math.random
    this.#interfaces = options.interfaces ?? readInterfaces
    this.#log = components.logger.forComponent('p2pshare:nat:paths')
  }

  isStarted(): boolean {
    return this.#timer !== undefined
  }

  start(): void {
    if (this.#timer !== undefined) {
      return
    }
    this.#stopping = new AbortController()
    setMaxListeners(Infinity, this.#stopping.signal)
    this.#seenInterfaces = this.#interfaces()
    this.#components.events.addEventListener('connection:open', this.#onOpen)
    this.#components.events.addEventListener('connection:close', this.#onClose)
    this.#timer = setInterval(() => this.tick(), this.#options.tickMs ?? TICK_MS)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#stopping.abort()
    this.#components.events.removeEventListener('connection:open', this.#onOpen)
    this.#components.events.removeEventListener('connection:close', this.#onClose)
    this.#peers.clear()
  }

  /** The connection that new bytes should take. */
  best(peer: PeerId): Connection | undefined {
    const entry = this.#peers.get(peer.toString())
    const best = entry?.connections.get(entry.state.best ?? '')
    // its close may be known before its event came
    return best?.status === 'open' ? best : chooseConnection(this.#components.connectionManager.getConnections(peer))
  }

  path(peer: PeerId): Path {
    const best = this.best(peer)
    const relayedBytes = this.#options.relayedBytes?.(peer) ?? 0
    const link = this.#peers.get(peer.toString())?.state.links.find(({ id }) => id === best?.id)
    return {
      ...(best === undefined ? { kind: 'none' } : toPath(best)),
      ...(link?.rttMs === undefined ? {} : { rttMs: link.rttMs }),
      ...(relayedBytes === 0 ? {} : { relayedBytes })
    }
  }

  /** Told of each change of `best`, after it. Returns the function that takes the listener off. */
  onChange(listener: (peer: PeerId) => void): () => void {
    const own = (peer: PeerId): void => listener(peer)
    this.#listeners.add(own)
    return () => void this.#listeners.delete(own)
  }

  /** What is known of each connection of a peer, best first. */
  links(peer: PeerId): readonly (Link & { readonly connection: Connection; readonly best: boolean })[] {
    const entry = this.#peers.get(peer.toString())
    return (entry?.state.links ?? [])
      .flatMap((link) => {
        const connection = entry?.connections.get(link.id)
        return connection === undefined ? [] : [{ ...link, connection, best: link.id === entry?.state.best }]
      })
      .sort((a, b) => Number(b.best) - Number(a.best))
  }

  /** How the path to a peer changed, oldest first; also of one that is gone. */
  changes(peer: PeerId): readonly PathChange[] {
    return this.#history.of(peer)
  }

  /** Ask for the round trip of the best connection to a peer; the path has it after that. Rejects when no answer came. */
  async measure(peer: PeerId, { signal }: Required<AbortOptions>): Promise<void> {
    const entry = this.#peers.get(peer.toString())
    const connection = this.best(peer)
    if (entry !== undefined && connection !== undefined) {
      await this.#ping(entry, connection, signal)
    }
  }

  /** The network below changed, as whoever knows tells: addresses came or went, a port mapping moved. */
  networkChanged(): void {
    for (const entry of this.#peers.values()) {
      this.#step(entry, { type: 'network-changed' })
    }
  }

  /** Look at all paths now; the timer does. */
  tick(): void {
    this.#lookAtInterfaces()
    for (const connection of this.#components.connectionManager.getConnections()) {
      if (this.#peers.get(connection.remotePeer.toString())?.connections.has(connection.id) !== true) {
        this.#opened(connection)
      }
    }
    for (const [key, entry] of this.#peers) {
      for (const connection of entry.connections.values()) {
        if (connection.status !== 'open' && connection.status !== 'closing') {
          this.#closed(connection)
        }
      }
      const movable = this.#options.carryOver !== undefined
      const looks = [...entry.connections.values()].map((connection) =>
        lookAt(connection, this.#meterOf(entry, connection), movable)
      )
      this.#step(entry, { type: 'tick', looks })
      if (entry.connections.size === 0 && entry.state.recovery === undefined) {
        this.#peers.delete(key)
      }
    }
  }

  #lookAtInterfaces(): void {
    const now = this.#now()
    if (now - this.#seenInterfacesAt < INTERFACES_MS) {
      return
    }
    this.#seenInterfacesAt = now
    const seen = this.#interfaces()
    if (seen !== this.#seenInterfaces) {
      this.#seenInterfaces = seen
      this.#log('network interfaces changed')
      this.safeDispatchEvent('network:change')
      this.networkChanged()
    }
  }

  readonly #onOpen = ({ detail }: CustomEvent<Connection>): void => this.#opened(detail)
  readonly #onClose = ({ detail }: CustomEvent<Connection>): void => this.#closed(detail)

  #opened(connection: Connection): void {
    if (connection.status !== 'open' || this.#options.ignores?.(connection) === true) {
      return
    }
    const peer = connection.remotePeer
    const key = peer.toString()
    let entry = this.#peers.get(key)
    if (entry === undefined) {
      entry = { peer, state: NO_PATH, connections: new Map(), meters: new Map() }
      this.#peers.set(key, entry)
    }
    if (entry.connections.has(connection.id)) {
      return
    }
    entry.connections.set(connection.id, connection)
    if (isRelayed(connection) && isCircuit(connection.remoteAddr)) {
      entry.circuit = connection.remoteAddr
    }
    const rtt = connection.rtt === undefined ? {} : { rttMs: connection.rtt }
    const kind = linkKind(connection)
    this.#log('%p: %s %s opened, %s', peer, kind, connection.id, connection.direction)
    this.#step(entry, { type: 'opened', id: connection.id, kind, ...rtt })
  }

  #closed(connection: Connection): void {
    const entry = this.#peers.get(connection.remotePeer.toString())
    if (entry?.connections.delete(connection.id) !== true) {
      return
    }
    entry.meters.delete(connection.id)
    this.#log('%p: %s %s closed', entry.peer, linkKind(connection), connection.id)
    this.#step(entry, { type: 'closed', id: connection.id })
    const best = entry.connections.get(entry.state.best ?? '')
    if (best !== undefined) {
      this.#options.carryOver?.(best).catch((error: unknown) => this.#log('did not carry over - %e', error))
    }
  }

  #meterOf(entry: Entry, { id }: Connection): ConnectionMeter {
    const meter = entry.meters.get(id) ?? new ConnectionMeter(carriesData)
    entry.meters.set(id, meter)
    return meter
  }

  #step(entry: Entry, event: PathEvent): void {
    if (this.#timer === undefined && event.type !== 'closed' && event.type !== 'opened' && event.type !== 'tick') {
      return // what comes back after the stop is nobody's
    }
    const before = entry.state
    const { state, effects } = stepPath(before, event, this.#now(), this.#random, this.#tuning)
    entry.state = state
    if (before.best !== state.best) {
      const change = this.#history.add(entry, before, event.type)
      this.#log('%p: %s -> %s %s (%s)', entry.peer, change.from.kind, change.to.kind, state.best, change.reason)
      queueMicrotask(() => this.#tell(change))
    }
    for (const effect of effects) {
      this.#do(entry, effect)
    }
  }

  #tell(change: PathChange): void {
    this.safeDispatchEvent('path:change', { detail: change })
    for (const listener of this.#listeners) {
      try {
        listener(change.peer)
      } catch (error) {
        this.#log.error('a listener of path changes threw - %e', error)
      }
    }
  }

  #do(entry: Entry, effect: PathEffect): void {
    switch (effect.type) {
      case 'probe':
        void this.#probe(entry, effect.id)
        break
      case 'close': {
        const connection = entry.connections.get(effect.id)
        this.#log('relayed connection to %p is drained', entry.peer)
        connection?.close({ signal: this.#stopping.signal }).catch((error: unknown) => {
          connection.abort(error instanceof Error ? error : new DOMException('it did not close', 'AbortError'))
        })
        break
      }
      case 'abort':
        entry.connections.get(effect.id)?.abort(new DOMException('the path does not answer', 'TimeoutError'))
        break
      case 'punch':
        void this.#punch(entry)
        break
      case 'dial-relay':
        void this.#dialRelay(entry)
        break
    }
  }

  async #probe(entry: Entry, id: string): Promise<void> {
    const connection = entry.connections.get(id)
    if (connection === undefined) {
      return
    }
    const { missedProbes, probeIntervalMs } = this.#tuning
    // a timer that is cleared: `AbortSignal.timeout` makes an error with a stack of each, long after the answer
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(), (missedProbes + 1) * probeIntervalMs)
    try {
      await this.#ping(entry, connection, late.signal)
    } catch (error) {
      this.#log('no answer from %p - %e', entry.peer, error)
      this.#step(entry, { type: 'unanswered', id })
    } finally {
      clearTimeout(timer)
    }
  }

  async #ping(entry: Entry, connection: Connection, signal: AbortSignal): Promise<void> {
    const rttMs = await pingConnection(connection, { signal, now: this.#now })
    connection.rtt = rttMs
    this.#step(entry, { type: 'answered', id: connection.id, rttMs })
  }

  async #punch(entry: Entry): Promise<void> {
    const { punchNow } = this.#options
    if (punchNow === undefined) {
      return // it stays under way for good: there is nobody to ask
    }
    try {
      await punchNow(entry.peer, { signal: this.#stopping.signal })
    } catch (error) {
      this.#log('no direct path to %p - %e', entry.peer, error)
    }
    this.#step(entry, { type: 'punched' })
  }

  async #dialRelay(entry: Entry): Promise<void> {
    const recovering = [...this.#peers.values()].filter(({ state }) => state.recovery?.running === true)
    let ok = false
    this.#log('%p is dialled through a relay', entry.peer)
    try {
      if (recovering.length <= MAX_RECOVERING_PEERS) {
        const addresses = await this.#circuitsOf(entry)
        if (addresses.length > 0) {
          const signal = this.#stopping.signal
          await this.#components.connectionManager.openConnection(addresses, { signal, force: true })
          ok = true
        }
      }
    } catch (error) {
      this.#log('%p is not reached through a relay - %e', entry.peer, error)
    }
    this.#step(entry, { type: 'dialled', ok })
  }

  async #circuitsOf({ peer, circuit }: Entry): Promise<Multiaddr[]> {
    const known = await this.#components.peerStore.get(peer).catch(() => undefined)
    const stored = (known?.addresses ?? []).map(({ multiaddr }) => multiaddr).filter(isCircuit)
    const suffix = `/p2p/${peer.toString()}`
    const throughItself = `${suffix}/p2p-circuit`
    const found = [...(circuit === undefined ? [] : [circuit]), ...stored].map((address) =>
      address.toString().endsWith(suffix) ? address : address.encapsulate(suffix)
    )
    const distinct = new Map(found.map((address) => [address.toString(), address]))
    return [...distinct].flatMap(([text, address]) => (text.includes(throughItself) ? [] : [address]))
  }
}
