import type { Connection, Logger, PeerId, Startable, Stream } from '@libp2p/interface'
import type { Registrar } from '@libp2p/interface-internal'
import { DeadlineError, NotStartedError } from '@p2pshare/interface'
import { anySignal } from 'any-signal'
import { TypedEventEmitter } from 'main-event'
import type { PunchAttempt, Strategy } from '../types.ts'
import { AttemptLog } from './attempt-log.ts'
import { initiate, respond } from './attempt.ts'
import type { AttemptInit, PunchComponents } from './attempt.ts'
import { afterFailure, longest, remaining } from './back-off.ts'
import type { BackOff } from './back-off.ts'
import { Budget } from './budget.ts'
import {
  ATTEMPT_TIMEOUT_MS,
  EXCHANGE_TIMEOUT_MS,
  INBOUND_DELAY_MS,
  MAX_ASKS_PER_MINUTE,
  MAX_CONCURRENT_PUNCHES,
  MAX_COUNTED_PEERS,
  MAX_CROSSING_MS,
  PUNCH_PROTOCOL
} from './constants.ts'
import {
  NoRelayedConnectionError,
  PunchFailedError,
  PunchRefusedError,
  PunchUnsupportedError,
  TooManyPunchesError
} from './errors.ts'
import { PunchStream } from './exchange.ts'
import { goesFirst } from './goes-first.ts'
import { isDirect } from './opened.ts'
import { resolvePunchOptions } from './options.ts'
import type { PunchInit, PunchOptions } from './options.ts'
import type { RaceResult } from './race.ts'
import { Retries } from './retries.ts'
import type { Role } from './types.ts'

/** A punch that went well. */
export interface PunchSuccess {
  readonly peer: PeerId
  readonly role: Role
  readonly strategy: Strategy
  /** From the first message, or from the peer's, to the upgraded connection. */
  readonly tookMs: number
  readonly connection: Connection
}

/** A punch that did not. */
export interface PunchFailure {
  readonly peer: PeerId
  readonly role: Role
  readonly error: unknown
}

/** What the coordinator tells. */
export interface PunchEvents {
  'punch:success': CustomEvent<PunchSuccess>
  'punch:failed': CustomEvent<PunchFailure>
}

interface Running {
  readonly role: Role
  /** By the clock that does not go back: when the first message was sent or read. Before it the own NAT's class is waited for. */
  begun: number
  /** The peer has answered, or asked. */
  agreed: boolean
  readonly result: Promise<Connection>
  readonly abort: AbortController
}

/**
 * Makes direct connections to peers that were met over a relay: both tell each other where they can be found, over that
 * connection, and try all ways at once. The relayed connection stays as it is.
 */
export class PunchCoordinator extends TypedEventEmitter<PunchEvents> implements Startable {
  readonly #components: PunchComponents & { readonly registrar: Pick<Registrar, 'handle' | 'unhandle'> }
  readonly #options: PunchOptions
  readonly #log: Logger
  readonly #running = new Map<string, Running>()
  readonly #backOff = new Map<string, BackOff>()
  readonly #retries = new Retries()
  /** Who waits for the ask of a peer that goes first. */
  readonly #awaited = new Map<string, (running: Running) => void>()
  readonly #tries = new AttemptLog()
  readonly #probes = new Budget()
  readonly #asks = new Budget({
    perPeer: MAX_ASKS_PER_MINUTE,
    total: MAX_ASKS_PER_MINUTE * MAX_COUNTED_PEERS,
    peers: MAX_COUNTED_PEERS
  })
  #stopping: AbortController | undefined

  constructor(
    components: PunchComponents & { readonly registrar: Pick<Registrar, 'handle' | 'unhandle'> },
    init: PunchInit = {}
  ) {
    super()
    this.#components = components
    this.#options = resolvePunchOptions(init)
    this.#log = components.logger.forComponent('p2pshare:nat:punch')
  }

  async start(): Promise<void> {
    if (this.#stopping !== undefined) {
      return
    }
    this.#stopping = new AbortController()
    const { registrar, events } = this.#components
    await registrar.handle(
      PUNCH_PROTOCOL,
      async (stream, connection) => {
        await this.#onAsk(stream, connection)
      },
      {
        maxInboundStreams: MAX_CONCURRENT_PUNCHES,
        maxOutboundStreams: MAX_CONCURRENT_PUNCHES,
        runOnLimitedConnection: true
      }
    )
    events.addEventListener('connection:open', this.#onOpen)
  }

  async stop(): Promise<void> {
    const { registrar, events } = this.#components
    events.removeEventListener('connection:open', this.#onOpen)
    this.#stopping?.abort(new NotStartedError('the node stops'))
    this.#stopping = undefined
    this.#retries.clear()
    await registrar.unhandle(PUNCH_PROTOCOL)
    await Promise.allSettled([...this.#running.values()].map(async ({ result }) => result))
  }

  /** What was tried with a peer, oldest first. */
  attempts(peer: PeerId): readonly PunchAttempt[] {
    return this.#tries.of(peer)
  }

  /** For how long an attempt with a peer has been under way, in milliseconds; `undefined`: none is. */
  underWayMs(peer: PeerId): number | undefined {
    const running = this.#running.get(peer.toString())
    return running === undefined ? undefined : this.#options.clock.now() - running.begun
  }

  /** When the next attempt with a peer may start by itself, in milliseconds from now; 0: at once. */
  waitMs(peer: PeerId): number {
    return remaining(this.#backOff.get(peer.toString()), this.#options.clock.now())
  }

  /** The node is in another network: what failed may work now. */
  networkChanged(): void {
    this.#backOff.clear()
    this.#retries.clear()
    for (const connection of this.#components.connectionManager.getConnections()) {
      this.#consider(connection)
    }
  }

  /**
   * Make a direct connection now, whatever failed before. An attempt that is under way is joined; when there is a direct
   * connection already, that is returned, unless `anew`: it does not answer any more.
   *
   * @throws NoRelayedConnectionError when the peer is not connected over a relay
   * @throws TooManyPunchesError when too many attempts are under way
   * @throws PunchFailedError when no way leads to a connection
   */
  async punchNow(peer: PeerId, { signal, anew }: { signal?: AbortSignal; anew?: boolean } = {}): Promise<Connection> {
    signal?.throwIfAborted()
    const connections = this.#open(peer)
    const direct = connections.find(isDirect)
    if (direct !== undefined && anew !== true) {
      return direct
    }
    const relayed = connections.find((connection) => !isDirect(connection))
    const running = this.#running.get(peer.toString())
    if (running === undefined && relayed === undefined) {
      throw new NoRelayedConnectionError(peer)
    }
    const result = running?.result ?? (relayed === undefined ? undefined : this.#initiate(relayed))
    if (result === undefined) {
      throw new NoRelayedConnectionError(peer)
    }
    return unless(result, signal)
  }

  readonly #onOpen = ({ detail }: CustomEvent<Connection>): void => {
    this.#consider(detail)
  }

  /** The one that dialled begins; the other one only when it does not. */
  #consider(connection: Connection): void {
    const peer = connection.remotePeer
    if (isDirect(connection) || !this.#options.automatic || this.#open(peer).some(isDirect)) {
      return
    }
    const wait = Math.max(this.waitMs(peer), connection.direction === 'inbound' ? INBOUND_DELAY_MS : 0)
    this.#retries.at(peer.toString(), wait, () => {
      this.#again(peer)
    })
  }

  #again(peer: PeerId): void {
    const connections = this.#open(peer)
    const [relayed] = connections
    if (this.#stopping === undefined || relayed === undefined || connections.some(isDirect)) {
      return
    }
    if (this.waitMs(peer) > 0) {
      this.#consider(relayed)
      return
    }
    this.punchNow(peer).catch((error: unknown) => {
      this.#log('no direct connection to %p - %e', peer, error)
    })
  }

  /** The newest first: after a change of the network older ones may be dead. */
  #open(peer: PeerId): Connection[] {
    return this.#components.connectionManager
      .getConnections(peer)
      .filter(({ status }) => status === 'open')
      .toSorted((a, b) => b.timeline.open - a.timeline.open)
  }

  async #initiate(relayed: Connection): Promise<Connection> {
    return this.#run(relayed, 'initiator', async (init, running) =>
      initiate(init, {
        onAsk: () => Object.assign(running, { begun: this.#options.clock.now() }),
        onAnswer: () => {
          running.agreed = true
        }
      })
    )
  }

  async #onAsk(stream: Stream, relayed: Connection): Promise<void> {
    const peer = relayed.remotePeer
    const exchange = new PunchStream(stream)
    const signal = AbortSignal.timeout(EXCHANGE_TIMEOUT_MS)
    const message = await exchange.read(['ask'], { signal })
    const own = this.#running.get(peer.toString())
    // over a direct connection there is nothing left to do
    const refusal = isDirect(relayed) ? 'busy' : this.#refusal(peer, own)
    if (refusal !== undefined) {
      await exchange.write({ type: 'refused', refusal }, { signal })
      await exchange.close({ signal })
      return
    }
    own?.abort.abort(new PunchRefusedError('superseded'))
    const result = this.#run(relayed, 'responder', async (init) => respond(init, exchange, message))
    await result.catch((error: unknown) => {
      this.#log('the punch that %p asked for failed - %e', peer, error)
      exchange.abort(error instanceof Error ? error : new PunchFailedError(peer, []))
    })
  }

  #refusal(peer: PeerId, own: Running | undefined): 'superseded' | 'busy' | undefined {
    if (this.#stopping === undefined || !this.#asks.take(peer.toString(), this.#options.clock.now())) {
      return 'busy'
    }
    if (own === undefined) {
      return this.#running.size >= MAX_CONCURRENT_PUNCHES ? 'busy' : undefined
    }
    if (own.role === 'initiator' && goesFirst(this.#components.peerId, peer)) {
      if (own.agreed) {
        return 'busy'
      }
      // a peer that had ours would answer it: one that is out for long was lost, with the connection it went over
      return this.#options.clock.now() - own.begun < MAX_CROSSING_MS ? 'superseded' : undefined
    }
    return undefined
  }

  async #run(
    relayed: Connection,
    role: Role,
    attempt: (init: AttemptInit, running: Running) => Promise<RaceResult>
  ): Promise<Connection> {
    const peer = relayed.remotePeer
    const key = peer.toString()
    const stopping = this.#stopping
    if (stopping === undefined) {
      throw new NotStartedError('hole punching is not started')
    }
    if (!this.#running.has(key) && this.#running.size >= MAX_CONCURRENT_PUNCHES) {
      throw new TooManyPunchesError(MAX_CONCURRENT_PUNCHES)
    }
    this.#retries.cancel(key)
    const abort = new AbortController()
    const deferred = Promise.withResolvers<Connection>()
    deferred.promise.catch(() => undefined)
    const begun = this.#options.clock.now()
    const running: Running = { role, begun, agreed: role === 'responder', result: deferred.promise, abort }
    this.#running.set(key, running)
    if (role === 'responder') {
      this.#awaited.get(key)?.(running)
    }
    const timer = setTimeout(() => {
      abort.abort(new DeadlineError('punching', ATTEMPT_TIMEOUT_MS))
    }, ATTEMPT_TIMEOUT_MS)
    const signal = anySignal([stopping.signal, abort.signal])
    const { components, options } = { components: this.#components, options: this.#options }
    try {
      const mayProbe = (): boolean => this.#probes.take(key, options.clock.now())
      const isRepeated = this.#tries.of(peer).length > 0
      const result = await attempt({ components, options, relayed, mayProbe, signal, isRepeated }, running)
      this.#succeeded(peer, role, result, options.clock.now() - running.begun)
      deferred.resolve(result.connection)
    } catch (error) {
      const successor = this.#running.get(key)
      if (successor !== undefined && successor !== running) {
        // the peer's ask took its place
        deferred.resolve(successor.result)
      } else if (error instanceof PunchRefusedError && error.refusal === 'superseded') {
        deferred.resolve(this.#awaitPeer(peer))
      } else {
        this.#failed(peer, role, error)
        deferred.reject(error)
      }
    } finally {
      clearTimeout(timer)
      signal.clear()
      if (this.#running.get(key) === running) {
        this.#running.delete(key)
      }
    }
    if (this.#running.get(key) === undefined) {
      this.#retryLater(peer)
    }
    return deferred.promise
  }

  /** The peer's ask, which goes first, must be on its way. */
  async #awaitPeer(peer: PeerId): Promise<Connection> {
    const key = peer.toString()
    const now = this.#running.get(key)
    if (now?.role === 'responder') {
      return now.result
    }
    const { promise, resolve, reject } = Promise.withResolvers<Running>()
    const refused = (): void => {
      reject(new PunchRefusedError('superseded'))
    }
    const timer = setTimeout(refused, MAX_CROSSING_MS)
    this.#stopping?.signal.addEventListener('abort', refused, { once: true })
    this.#awaited.set(key, resolve)
    try {
      const running = await promise
      return await running.result
    } finally {
      clearTimeout(timer)
      this.#stopping?.signal.removeEventListener('abort', refused)
      if (this.#awaited.get(key) === resolve) {
        this.#awaited.delete(key)
      }
    }
  }

  #succeeded(peer: PeerId, role: Role, { connection, strategy, tries }: RaceResult, tookMs: number): void {
    this.#backOff.delete(peer.toString())
    this.#tries.add(tries)
    this.#log('direct to %p by %s in %d ms', peer, strategy, Math.round(tookMs))
    this.safeDispatchEvent<PunchSuccess>('punch:success', { detail: { peer, role, strategy, tookMs, connection } })
  }

  #failed(peer: PeerId, role: Role, error: unknown): void {
    const key = peer.toString()
    const before = this.#backOff.get(key)
    this.#backOff.delete(key)
    const now = this.#options.clock.now()
    this.#backOff.set(key, error instanceof PunchUnsupportedError ? longest(now) : afterFailure(before, now))
    const [oldest] = this.#backOff.keys()
    if (this.#backOff.size > MAX_COUNTED_PEERS && oldest !== undefined) {
      this.#backOff.delete(oldest)
    }
    if (error instanceof PunchFailedError) {
      this.#tries.add(error.tries)
    }
    this.safeDispatchEvent<PunchFailure>('punch:failed', { detail: { peer, role, error } })
  }

  #retryLater(peer: PeerId): void {
    const [relayed] = this.#open(peer)
    if (this.#stopping !== undefined && relayed !== undefined) {
      this.#consider(relayed)
    }
  }
}

/** The attempt goes on when the one who joined it does not. */
async function unless<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) {
    return work
  }
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => {
    reject(signal.reason as Error)
  }
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
