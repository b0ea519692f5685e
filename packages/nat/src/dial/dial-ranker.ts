import { isPeerId } from '@libp2p/interface'
import type {
  Address,
  ComponentLogger,
  Connection,
  ConnectionGater,
  Libp2pEvents,
  Logger,
  PeerId,
  Startable
} from '@libp2p/interface'
import type { ConnectionManager, TransportManager } from '@libp2p/interface-internal'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Multiaddr } from '@multiformats/multiaddr'
import { anySignal } from 'any-signal'
import { setMaxListeners } from 'main-event'
import type { TypedEventTarget } from 'main-event'
import { isRelayed } from '../paths/choose-path.ts'
import { pingConnection } from '../paths/ping.ts'
import { isTrial } from '../trials.ts'
import { transportClass } from './address-class.ts'
import { sortAddresses } from './address-sorter.ts'
import { NO_BLACK_HOLES, isBlackHole, putLast, recordDial } from './black-hole.ts'
import type { BlackHoles } from './black-hole.ts'
import { CIRCUIT_ANSWER_MS } from './constants.ts'
import { DialLog } from './dial-log.ts'
import type { DialRecord } from './dial-log.ts'
import { DialRace } from './dial-race.ts'
import { DialsUnderWay } from './dials-under-way.ts'
import { onceMore } from './once-more.ts'
import { openCircuit } from './open-circuit.ts'
import { planDials } from './plan-dials.ts'
import { straight } from './straight.ts'

/** What the dial ranker needs from the node that hosts it. */
export interface DialRankerComponents {
  readonly connectionManager: Pick<ConnectionManager, 'openConnection' | 'getConnections'>
  readonly transportManager: Pick<TransportManager, 'dial' | 'dialTransportForMultiaddr'>
  readonly events: TypedEventTarget<Libp2pEvents>
  readonly logger: ComponentLogger
  readonly connectionGater?: Pick<ConnectionGater, 'denyDialMultiaddr'>
}

/** What may be given to the dial ranker. */
export interface DialRankerOptions {
  /**
   * Dial the addresses of a peer beside each other, a quarter of a second apart, instead of one after the other; libp2p
   * alone waits up to six seconds for each that is dead.
   *
   * @default true
   */
  readonly stagger?: boolean
  /** Connections that are closed in a moment, as those that only try an address. @default none */
  readonly ignores?: (connection: Connection) => boolean
  /** Milliseconds; does not go back. */
  readonly now?: () => number
}

type Dial = TransportManager['dial']
type OpenConnection = ConnectionManager['openConnection']
type Target = Parameters<OpenConnection>[0]
type OnProgress = NonNullable<NonNullable<Parameters<OpenConnection>[1]>['onProgress']>

/** The addresses of one dial, and the race between them once the first is asked for. */
interface Job {
  readonly addresses: readonly Multiaddr[]
  /** Whoever asked for it wants a connection of its own. */
  readonly isForced: boolean
  race?: DialRace
}

/**
 * Ranks and staggers the dials of a node, keeps an eye on transports in a black hole, and remembers how dials went.
 *
 * libp2p 3.3 has no place for it: its dial queue calls `transportManager.dial` for one address after the other, and names
 * all of them only in a progress event. So these two methods are wrapped while this runs, and put back when it stops.
 */
export class DialRanker implements Startable {
  readonly #components: DialRankerComponents
  readonly #stagger: boolean
  readonly #now: () => number
  readonly #ignores: (connection: Connection) => boolean
  readonly #logger: Logger
  readonly #underWay = new DialsUnderWay()
  readonly #log = new DialLog()
  readonly #jobs = new WeakMap<OnProgress, Job>()
  #first: Multiaddr | undefined
  #calculated: readonly Multiaddr[] = []
  #isForced = false
  /** The event that said so, since each who waits for a dial is told of it. */
  #told: unknown
  #holes: BlackHoles = NO_BLACK_HOLES
  #restore: (() => void) | undefined

  constructor(
    components: DialRankerComponents,
    { stagger = true, now = () => performance.now(), ignores = () => false }: DialRankerOptions = {}
  ) {
    this.#components = components
    this.#ignores = ignores
    this.#stagger = stagger
    this.#now = now
    this.#logger = components.logger.forComponent('p2pshare:nat:dial')
  }

  isStarted(): boolean {
    return this.#restore !== undefined
  }

  start(): void {
    if (this.#restore !== undefined) {
      return
    }
    const { connectionManager, transportManager, events } = this.#components
    const { openConnection } = connectionManager
    const { dial } = transportManager
    connectionManager.openConnection = async (target, options = {}) => {
      const isForced = options.force === true
      const onProgress = this.#watch(options.onProgress, isForced)
      return this.#open(target, isForced, async (force) =>
        openConnection.call(connectionManager, target, { ...options, onProgress, force })
      )
    }
    transportManager.dial = async (address, options = {}) => this.#dial(dial.bind(transportManager), address, options)
    events.addEventListener('connection:open', this.#onOpen)
    this.#restore = () => {
      events.removeEventListener('connection:open', this.#onOpen)
      connectionManager.openConnection = openConnection
      transportManager.dial = dial
    }
  }

  stop(): void {
    this.#restore?.()
    this.#restore = undefined
  }

  /** How the last dials of a peer went, oldest first. */
  dials(peer: PeerId): readonly DialRecord[] {
    return this.#log.of(peer)
  }

  /** Classes of transports that are put last, because no dial of theirs came to anything: `tcp6`, `utp4` ... */
  blackHoles(): readonly string[] {
    return [...this.#holes.keys()].filter((each) => isBlackHole(this.#holes, each))
  }

  readonly #onOpen = ({ detail }: CustomEvent<Connection>): void => {
    if (!this.#ignores(detail)) {
      this.#underWay.opened(detail)
    }
  }

  /** A dial by force wants a connection of its own. */
  async #open(target: Target, isForced: boolean, open: (force: boolean) => Promise<Connection>): Promise<Connection> {
    const addresses = isPeerId(target) ? [] : [target].flat()
    const peer = isPeerId(target) ? target : peerOf(addresses[0])
    if (isForced && addresses.length > 0 && !addresses.some((remoteAddr) => isRelayed({ remoteAddr }))) {
      return straight(async () => open(true))
    }
    if (peer === undefined || isForced || !this.#stagger) {
      return open(isForced)
    }
    this.#underWay
      .bring(peer, addresses, async (address) => this.#isDialable(address))
      .catch((error: unknown) => this.#logger('the gater failed - %e', error))
    return this.#underWay.dialledOrOpened(peer, async () => onceMore(async () => open(this.#isAlone(peer))))
  }

  /**
   * Whether libp2p has no connection that it would return instead of dialling. It closes the second one of two with the same
   * address, and where both ends dial at once each closes its own, so that none is left; those made by force it keeps.
   */
  #isAlone(peer: PeerId): boolean {
    const connections = this.#components.connectionManager.getConnections(peer)
    return connections.every(({ limits, status }) => limits !== undefined || status !== 'open')
  }

  /** As libp2p looks at the addresses of a dial before it begins. */
  async #isDialable(address: Multiaddr): Promise<boolean> {
    const { transportManager, connectionGater } = this.#components
    return (
      transportManager.dialTransportForMultiaddr(address) !== undefined &&
      (await connectionGater?.denyDialMultiaddr?.(address)) !== true
    )
  }

  /** libp2p names all addresses of a dial here, and asks for the first of them before anything else happens. */
  #watch(onProgress: OnProgress | undefined, isForced: boolean): OnProgress {
    return (event) => {
      if (event.type === 'dial-queue:calculated-addresses') {
        const calculated = (event as unknown as { readonly detail: readonly Address[] }).detail
        this.#first = calculated[0]?.multiaddr
        // it is told to each that waits for this dial, and one that insists is enough
        this.#isForced = isForced || (this.#told === event && this.#isForced)
        this.#told = event
        this.#calculated = calculated.toSorted(sortAddresses).map(({ multiaddr }) => multiaddr)
      }
      onProgress?.(event)
    }
  }

  /** The dial that `address` belongs to. libp2p makes one function of progress for each, which so is its name. */
  #jobOf(address: Multiaddr, name: OnProgress | undefined): Job | undefined {
    const first = this.#first
    this.#first = undefined
    if (name !== undefined && first?.equals(address) === true) {
      this.#jobs.set(name, { addresses: this.#calculated, isForced: this.#isForced })
    }
    const job = name === undefined ? undefined : this.#jobs.get(name)
    return job?.addresses.some((each) => each.equals(address)) === true ? job : undefined
  }

  async #dial(dial: Dial, address: Multiaddr, options: NonNullable<Parameters<Dial>[1]>): Promise<Connection> {
    const signal = options.signal ?? new AbortController().signal
    const job = this.#jobOf(address, options.onProgress as OnProgress | undefined)
    const one = async (each: Multiaddr, own: AbortSignal): Promise<Connection> =>
      (await this.#circuitFor(each, job, own)) ??
      this.#dialOne(each, own, async () => dial(each, { ...options, signal: own }))
    if (job === undefined || !this.#stagger) {
      return one(address, signal)
    }
    job.race ??= this.#race(job, one)
    setMaxListeners(Infinity, signal)
    return job.race.ask(address, signal)
  }

  /**
   * A circuit that is there already, for those who do not insist on one of their own; and only if the peer answers over it. The
   * way there and back is time for a direct address to answer first, as it had while a circuit was made.
   */
  async #circuitFor(address: Multiaddr, job: Job | undefined, signal: AbortSignal): Promise<Connection | undefined> {
    if (job?.isForced !== false) {
      return undefined
    }
    // what only tries an address of a relay says nothing of a change of the network
    const lasting = this.#components.connectionManager.getConnections().filter((each) => !isTrial(each))
    const circuit = openCircuit(address, lasting)
    if (circuit === undefined) {
      return undefined
    }
    const patience = anySignal([signal, AbortSignal.timeout(CIRCUIT_ANSWER_MS)])
    try {
      await pingConnection(circuit, { signal: patience })
      return circuit.status === 'open' ? circuit : undefined
    } catch (error) {
      signal.throwIfAborted()
      this.#logger('an open circuit to %p does not answer - %e', circuit.remotePeer, error)
      return undefined
    } finally {
      patience.clear()
    }
  }

  #race(
    { addresses, isForced }: Job,
    dial: (address: Multiaddr, signal: AbortSignal) => Promise<Connection>
  ): DialRace {
    const classes = addresses.flatMap((address) => transportClass(address) ?? [])
    const { state, last } = putLast(this.#holes, classes, this.#now())
    this.#holes = state
    const race = new DialRace(planDials(addresses, last), dial, this.#now, last)
    const peer = peerOf(addresses[0])
    if (peer !== undefined && !isForced) {
      this.#underWay.add(peer.toString(), race)
    }
    return race
  }

  async #dialOne(address: Multiaddr, signal: AbortSignal, dial: () => Promise<Connection>): Promise<Connection> {
    const startedAt = Date.now()
    const start = this.#now()
    const note = (outcome: DialRecord['outcome'], peer: string | undefined, reason?: string): void => {
      const dialled = transportClass(address)
      if (dialled !== undefined && outcome !== 'cancelled') {
        this.#holes = recordDial(this.#holes, dialled, outcome === 'connected', this.#now())
      }
      if (peer !== undefined) {
        const tookMs = this.#now() - start
        this.#log.add(peer, { address, startedAt, tookMs, outcome, ...(reason === undefined ? {} : { reason }) })
      }
    }
    try {
      const connection = await dial()
      note('connected', connection.remotePeer.toString())
      return connection
    } catch (error) {
      const peer = address.getComponents().findLast(({ name }) => name === 'p2p')?.value
      const cancelled = signal.aborted && !isTimeout(signal.reason)
      const reason = cancelled
        ? 'another address was there first, or nobody wanted it any more'
        : toReason(error, signal)
      note(cancelled ? 'cancelled' : 'failed', peer, reason)
      this.#logger('dial of %a: %s', address, reason)
      throw error
    }
  }
}

/** Whom an address leads to, the last of several as of one over a relay. */
function peerOf(address: Multiaddr | undefined): PeerId | undefined {
  const last = address?.getComponents().at(-1)
  return last?.name === 'p2p' && last.value !== undefined ? peerIdFromString(last.value) : undefined
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof Error && reason.name === 'TimeoutError'
}

/** What a person reads; the error itself goes to whoever dialled. */
function toReason(error: unknown, signal: AbortSignal): string {
  const { code, name, message } = error as {
    readonly code?: unknown
    readonly name?: unknown
    readonly message?: unknown
  }
  const known = REASONS.find(([word]) => [code, name, message].some((text) => String(text).includes(word)))
  if (known !== undefined) {
    return known[1]
  }
  return signal.aborted ? 'no answer in time' : 'the connection failed'
}

const REASONS: ReadonlyArray<readonly [word: string, reason: string]> = [
  ['ECONNREFUSED', 'nothing listens there, or a firewall refuses'],
  ['EHOSTUNREACH', 'no way to that host'],
  ['ENETUNREACH', 'no way to that network'],
  ['ETIMEDOUT', 'no answer in time'],
  ['ECONNRESET', 'the connection was cut'],
  ['NO_RESERVATION', 'the peer has no place at that relay any more'],
  ['PERMISSION_DENIED', 'the relay does not allow it'],
  ['RESOURCE_LIMIT_EXCEEDED', 'the relay has no room'],
  ['CONNECTION_FAILED', 'the relay cannot reach the peer'],
  ['UnexpectedPeerError', 'another peer answered there'],
  ['TimeoutError', 'no answer in time'],
  ['EncryptionFailedError', 'it is not the peer that was wanted, or speaks no encryption of ours']
]
