import type { ComponentLogger, Connection, Logger, PeerId, PeerStore, Startable } from '@libp2p/interface'
import type { ConnectionManager, Registrar, TransportManager } from '@libp2p/interface-internal'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { InvalidOptionError } from '@p2pshare/interface'
import { anySignal } from 'any-signal'
import { TypedEventEmitter, setMaxListeners } from 'main-event'
import { isRelayed } from '../paths/choose-path.ts'
import { pingConnection } from '../paths/ping.ts'
import {
  HOP_PROTOCOL,
  MAX_MEETINGS,
  MAX_RESERVATIONS,
  MEASURE_TIMEOUT_MS,
  MEET_PAUSE_MS,
  RELAY_TICK_MS,
  RESERVE_TIMEOUT_MS,
  WANTED_RESERVATIONS
} from './constants.ts'
import { networkOf } from './network-of.ts'
import { relayLedgerSymbol } from './relay-ledger.ts'
import type { RelayLedger } from './relay-ledger.ts'
import { stepRelays } from './relay-state.ts'
import type { RelayEntry, RelayEvent } from './relay-state.ts'
import { withoutSource } from './place-addresses.ts'
import { findReservationStore } from './reservation-store.ts'
import type { PlaceEvent, ReservationStoreView } from './reservation-store.ts'

/** What the relay client needs from the node that hosts it. */
export interface RelayClientComponents {
  readonly connectionManager: Pick<ConnectionManager, 'getConnections' | 'openConnection'>
  readonly transportManager: Pick<TransportManager, 'getTransports' | 'getListeners' | 'listen'>
  readonly registrar: Pick<Registrar, 'register' | 'unregister'>
  readonly peerStore: Pick<PeerStore, 'all'>
  readonly logger: ComponentLogger
}

/** What may be given to the relay client. */
export interface RelayClientOptions {
  /**
   * Places to hold at a time. More make it likelier that one is there when a relay goes away, and each is a connection
   * and an address to announce. 0: none, until `want()` says otherwise.
   *
   * @default 2
   */
  readonly reservations?: number
  /** Relays to ask before all others, with their peer ids; they are dialled when they are not connected. */
  readonly relays?: readonly Multiaddr[]
  /** Connections that are closed in a moment, as those that only try an address. Default: none. */
  readonly ignores?: (connection: Connection) => boolean
  /** Milliseconds since the Unix epoch. */
  readonly now?: () => number
  readonly random?: () => number
}

/** A relay, and the place there. */
export interface RelayView {
  readonly peer: PeerId
  readonly state: 'reserved' | 'reserving' | 'refused' | 'candidate'
  readonly configured: boolean
  readonly connected: boolean
  readonly rttMs?: number
  /** Milliseconds since the Unix epoch; it is refreshed before. */
  readonly expiresAt?: number
  /** Bytes that went through it, both directions. */
  readonly bytes: number
  /** Why there is no place, in words a person reads. */
  readonly reason?: string
}

/** Told of places at relays. */
export interface RelayClientEvents {
  'relay:reserved': CustomEvent<RelayView>
  'relay:refused': CustomEvent<RelayView>
  'relay:lost': CustomEvent<RelayView>
}

/** Keeps places at several relays: chosen, refreshed by libp2p, and replaced when they are lost. */
export class RelayClient extends TypedEventEmitter<RelayClientEvents> implements Startable {
  readonly #components: RelayClientComponents
  readonly #configured: ReadonlyMap<string, Multiaddr>
  readonly #ignores: (connection: Connection) => boolean
  readonly #now: () => number
  readonly #random: () => number
  readonly #log: Logger
  readonly #listening = new Set<string>()
  #relays: readonly RelayEntry[] = []
  #wanted: number
  #meetAt = 0
  #stopping = new AbortController()
  #topology: string | undefined
  #store: ReservationStoreView | undefined
  #timer: ReturnType<typeof setInterval> | undefined

  /** @throws InvalidOptionError */
  constructor(components: RelayClientComponents, options: RelayClientOptions = {}) {
    super()
    this.#components = components
    this.#wanted = checkCount(options.reservations ?? WANTED_RESERVATIONS)
    this.#configured = new Map((options.relays ?? []).map((address) => [peerOf(address), address]))
    this.#ignores = options.ignores ?? (() => false)
    this.#now = options.now ?? Date.now
    this.#random = options.random ?? Math.random
    this.#log = components.logger.forComponent('p2pshare:nat:relay')
  }

  isStarted(): boolean {
    return this.#timer !== undefined
  }

  /** To be called when the transports listen (`afterStart` of a service): a place is an address of theirs. */
  async start(): Promise<void> {
    this.#store = findReservationStore(this.#components.transportManager.getTransports())
    if (this.#store === undefined || this.#timer !== undefined) {
      return
    }
    this.#stopping = new AbortController()
    setMaxListeners(Infinity, this.#stopping.signal)
    this.#store.addEventListener('relay:created-reservation', this.#onReserved)
    this.#store.addEventListener('relay:removed', this.#onRemoved)
    this.#timer = setInterval(() => this.#tick(), RELAY_TICK_MS)
    this.#timer.unref()
    this.#topology = await this.#components.registrar.register(HOP_PROTOCOL, {
      onConnect: (peer, connection) => this.#onRelay(peer, connection),
      onDisconnect: (peer) => this.#step({ type: 'disconnected', id: peer.toString() })
    })
    for (const id of this.#configured.keys()) {
      this.#step({ type: 'found', id, connected: false, configured: true })
    }
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#stopping.abort()
    if (this.#topology !== undefined) {
      this.#components.registrar.unregister(this.#topology)
    }
    this.#store?.removeEventListener('relay:created-reservation', this.#onReserved)
    this.#store?.removeEventListener('relay:removed', this.#onRemoved)
    this.#listening.clear()
    this.#relays = []
  }

  /** How many places to hold from now on. Those that are held beyond it are not given up before they end. */
  want(count: number): void {
    this.#wanted = checkCount(count)
    this.#step({ type: 'tick' })
  }

  /** Every relay that is known, those that hold a place for us first. */
  relays(): readonly RelayView[] {
    const order = ['reserved', 'reserving', 'candidate', 'known']
    return this.#relays
      .toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || (a.rttMs ?? 1e9) - (b.rttMs ?? 1e9))
      .map((relay) => this.#view(relay))
  }

  #view({ id, state, configured, connected, rttMs, expiresAt, reason, failures }: RelayEntry): RelayView {
    const peer = peerIdFromString(id)
    return {
      peer,
      state: state === 'reserved' || state === 'reserving' ? state : failures > 0 ? 'refused' : 'candidate',
      configured,
      connected,
      bytes: this.#ledger()?.throughRelay(peer) ?? 0,
      ...(rttMs === undefined ? {} : { rttMs }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
      ...(reason === undefined ? {} : { reason })
    }
  }

  #ledger(): RelayLedger | undefined {
    for (const transport of this.#components.transportManager.getTransports()) {
      const ledger = (transport as { readonly [relayLedgerSymbol]?: RelayLedger })[relayLedgerSymbol]
      if (ledger !== undefined) {
        return ledger
      }
    }
    return undefined
  }

  #step(event: RelayEvent): void {
    if (this.#timer === undefined) {
      return
    }
    const { relays, effects } = stepRelays(this.#relays, event, this.#wanted, this.#now(), this.#random)
    this.#relays = relays
    for (const { id } of effects) {
      void this.#reserve(id)
    }
  }

  #tick(): void {
    this.#step({ type: 'tick' })
    const now = this.#now()
    const held = this.#relays.filter(({ state }) => state === 'reserved' || state === 'reserving').length
    if (held < this.#wanted && now >= this.#meetAt) {
      this.#meetAt = now + MEET_PAUSE_MS
      void this.#meet()
    }
  }

  /** Connect to relays of earlier days: those that are there are found by their protocol then. */
  async #meet(): Promise<void> {
    const { peerStore, connectionManager } = this.#components
    try {
      const peers = await peerStore.all({ filters: [({ protocols }) => protocols.includes(HOP_PROTOCOL)] })
      const away = peers.filter(({ id }) => connectionManager.getConnections(id).length === 0)
      const chosen = away.toSorted(() => this.#random() - 0.5).slice(0, MAX_MEETINGS)
      const { signal } = this.#stopping
      await Promise.allSettled(chosen.map(async ({ id }) => connectionManager.openConnection(id, { signal })))
    } catch (error) {
      this.#log('could not look for known relays - %e', error)
    }
  }

  #onRelay(peer: PeerId, connection: Connection): void {
    const id = peer.toString()
    if (isRelayed(connection) || this.#ignores(connection)) {
      return // a relay behind a relay gives no places
    }
    const network = networkOf(connection.remoteAddr)
    const configured = this.#configured.has(id)
    this.#step({ type: 'found', id, connected: true, configured, ...(network === undefined ? {} : { network }) })
    void this.#measure(id, connection)
  }

  async #measure(id: string, connection: Connection): Promise<void> {
    let rttMs: number | undefined
    try {
      rttMs = await pingConnection(connection, { signal: AbortSignal.timeout(MEASURE_TIMEOUT_MS) })
    } catch (error) {
      this.#log('relay %s does not answer pings - %e', id, error)
    }
    this.#step({ type: 'measured', id, ...(rttMs === undefined ? {} : { rttMs }) })
  }

  async #reserve(id: string): Promise<void> {
    const peer = peerIdFromString(id)
    const signal = anySignal([this.#stopping.signal, AbortSignal.timeout(RESERVE_TIMEOUT_MS)])
    try {
      const [open] = this.#components.connectionManager.getConnections(peer)
      const address = this.#configured.get(id)
      if (open === undefined && address !== undefined) {
        await this.#components.connectionManager.openConnection(address, { signal })
      }
      await this.#listen(peer)
      this.#reserved(peer)
    } catch (error) {
      this.#log('no place at relay %p - %e', peer, error)
      this.#step({ type: 'failed', id, reason: toReason(error) })
      this.#tell('relay:refused', peer)
    } finally {
      signal.clear()
    }
  }

  /** One listener a relay: it takes a new place at the same relay as its own, and closing one drops those of all. */
  async #listen(peer: PeerId): Promise<void> {
    const id = peer.toString()
    if (this.#listening.has(id)) {
      await this.#store?.addRelay(peer, 'configured')
      return
    }
    const { transportManager } = this.#components
    const before = new Set(transportManager.getListeners())
    try {
      await transportManager.listen([multiaddr(`/p2p/${id}/p2p-circuit`)])
      this.#listening.add(id)
    } catch (error) {
      for (const listener of transportManager.getListeners()) {
        if (!before.has(listener) && listener.getAddrs().length === 0) {
          // `close()` would drop the places at other relays; this just takes it off the list
          listener.safeDispatchEvent('close')
        }
      }
      throw error
    }
  }

  #reserved(peer: PeerId): void {
    const expire = this.#store?.getReservation(peer)?.expire
    if (expire !== undefined) {
      this.#step({ type: 'reserved', id: peer.toString(), expiresAt: Number(expire) * 1000 })
    }
  }

  readonly #onReserved = ({ detail }: CustomEvent<PlaceEvent>): void => {
    const { relay } = detail
    this.#dropSource(detail)
    this.#reserved(relay)
    this.#tell('relay:reserved', relay)
  }

  /** Before libp2p's listener announces them. */
  #dropSource({ relay, details }: PlaceEvent): void {
    const connections = this.#components.connectionManager.getConnections(relay)
    const asked = connections.find(({ id }) => id === details?.connection)
    if (details !== undefined && asked?.direction === 'inbound') {
      const named = details.reservation.addrs.map((bytes) => multiaddr(bytes))
      details.reservation.addrs = withoutSource(named, asked.remoteAddr).map(({ bytes }) => bytes)
    }
  }

  readonly #onRemoved = ({ detail: { relay } }: CustomEvent<PlaceEvent>): void => {
    this.#step({ type: 'lost', id: relay.toString(), reason: 'the place was lost' })
    this.#tell('relay:lost', relay)
  }

  #tell(type: keyof RelayClientEvents, peer: PeerId): void {
    const relay = this.#relays.find(({ id }) => id === peer.toString())
    if (relay !== undefined && this.#timer !== undefined) {
      this.safeDispatchEvent(type, { detail: this.#view(relay) })
    }
  }
}

/** libp2p puts the relay's answer into the text of its error; a person reads the words. */
function toReason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  if (text.includes('RESERVATION_REFUSED')) {
    return 'it has no free places'
  }
  if (text.includes('PERMISSION_DENIED')) {
    return 'it does not give us a place'
  }
  if (text.includes('UnsupportedProtocol') || text.includes('protocol selection failed')) {
    return 'it is no relay'
  }
  return 'it did not answer in time or cannot be reached'
}

function checkCount(count: number): number {
  if (!Number.isInteger(count) || count < 0 || count > MAX_RESERVATIONS) {
    throw new InvalidOptionError('reservations', `${count} is not a whole number from 0 to ${MAX_RESERVATIONS}`)
  }
  return count
}

function peerOf(address: Multiaddr): string {
  const peer = address.getComponents().findLast(({ name }) => name === 'p2p')?.value
  if (peer === undefined) {
    throw new InvalidOptionError('relays', `${address.toString()} has no peer id`)
  }
  return peer
}
