import type { Connection, PeerId } from '@libp2p/interface'
import type { PathKind } from '@p2pshare/interface'
import { NotStartedError } from '@p2pshare/interface'
import type { BanReason } from './bans/ban.ts'
import { EventQueue } from './event-queue.ts'
import { hopeless } from './give-up.ts'
import type { Patience } from './give-up.ts'
import { Rate } from './swarm/rate.ts'
import type { Connector } from './share/connector.ts'
import type { Discovery } from './share/discovery.ts'
import type { Entry } from './share/entry.ts'
import type { SwarmEvents } from './share/swarm-events.ts'
import { RelayBudgets } from './stall/relay-budgets.ts'
import { decideStall } from './stall/stall-cause.ts'
import type { StallFacts } from './stall/stall-cause.ts'
import { stallFacts } from './stall/stall-facts.ts'
import { StallWatch } from './stall/stall-watch.ts'
import { TrafficAccount } from './traffic.ts'
import type { SourceReport, Traffic } from './traffic.ts'
import type { TransferEvent } from './types.ts'
import { Waiters } from './waiters.ts'

/** Time between two progress events. */
const PROGRESS_MS = 333

export interface MonitorInit extends Patience {
  readonly stallAfterMs: number
  /** How bytes reach a peer. */
  path(peer: PeerId): PathKind
  /** What the relay still lets through to a peer that is reached over one with a limit. */
  limits(peer: PeerId): Connection['limits']
}

/** Why nothing more is asked of a peer, for who reads the events. */
const DROPPED: Readonly<Record<BanReason | 'stalled', string>> = {
  'wrong-bytes': 'sent bytes that do not match their hash',
  'broken-rules': 'broke rules of the protocol again and again',
  user: 'is banned by the user',
  stalled: 'stopped sending'
}

/** What a download consists of. */
export interface Watched {
  readonly entry: Entry
  readonly connector: Connector
  readonly discovery: Discovery
}

/**
 * Watches one download: turns what the swarm does into events for the reader, and decides when there is no hope left.
 */
export class DownloadMonitor {
  readonly #init: MonitorInit
  /** Those who wait for a leaf to be stored. */
  readonly leaves = new Waiters()
  readonly #queue = new EventQueue<TransferEvent>()
  readonly #account = new TrafficAccount()
  readonly #relays: RelayBudgets
  readonly #stalls: StallWatch
  readonly #rate: Rate
  readonly #startedAt: number
  /** The same, later by as long as the disk refused: nobody was looked for meanwhile. */
  #seekingSince: number
  #lastVerifiedAt: number
  #lastProgressAt = 0
  #lastCheckAt = 0
  #lastLiarAt: number | undefined
  /** What the disk said, while it refuses. */
  #refusal: (TransferEvent & { type: 'paused' }) | undefined
  #watched: Watched | undefined
  #everJoined = false
  #peers = 0
  #bytesDone = 0
  #bytesTotal = 0

  constructor(init: MonitorInit) {
    this.#init = init
    this.#startedAt = performance.now()
    this.#seekingSince = this.#startedAt
    this.#lastVerifiedAt = this.#startedAt
    this.#relays = new RelayBudgets((peer) => init.path(peer))
    this.#stalls = new StallWatch(init.stallAfterMs, this.#startedAt)
    this.#rate = new Rate(this.#startedAt)
  }

  get bytesReceived(): number {
    return this.traffic.received
  }

  get traffic(): Traffic {
    return this.#account.total
  }

  get sources(): SourceReport[] {
    return this.#account.sources
  }

  get seconds(): number {
    return (performance.now() - this.#startedAt) / 1000
  }

  /** The map is known: what there is to do. */
  begin(bytesTotal: number, bytesHave: number): void {
    this.#bytesTotal = bytesTotal
    this.#bytesDone = bytesHave
    this.alive()
  }

  /** What the swarm reports. */
  readonly events: SwarmEvents = {
    joined: (peer) => {
      this.#everJoined = true
      this.#peers++
      this.#relays.joined(peer, this.#init.limits(peer))
      this.#queue.push({ type: 'peer', peer, state: 'joined', path: this.#init.path(peer) })
    },
    left: (peer, reason) => {
      this.#peers--
      this.#relays.left(peer)
      this.#watched?.connector.lost(peer)
      this.#queue.push({ type: 'peer', peer, state: 'left', reason })
    },
    dropped: (peer, reason) => {
      if (reason !== 'stalled') {
        this.#watched?.connector.forget(peer)
      }
      this.#lastLiarAt = reason === 'wrong-bytes' ? performance.now() : this.#lastLiarAt
      this.#queue.push({ type: 'peer', peer, state: 'dropped', reason: DROPPED[reason] })
    },
    stored: (done, leafBytes, parts) => {
      this.#account.leaf(parts, leafBytes)
      this.#bytesDone = Math.min(this.#bytesTotal, this.#bytesDone + done)
      this.#rate.add(done, performance.now())
      this.alive()
      this.leaves.wake()
    },
    node: (bytes, peer) => {
      this.#account.node(peer, bytes)
    },
    alive: () => {
      this.alive()
    },
    received: (bytes, peer, waste) => {
      this.#account.received(peer, bytes)
      if (waste === undefined) {
        this.#stalls.moved(performance.now())
      } else {
        this.#account.wasted(peer, bytes, waste)
      }
    },
    wasted: (bytes, peer, waste) => {
      this.#account.wasted(peer, bytes, waste)
    },
    sent: () => undefined,
    completed: () => {
      this.#queue.wake()
    },
    failed: (error) => {
      this.#queue.fail(error)
    }
  }

  /** A verified block came from a peer without a session. */
  received(peer: PeerId, bytes: number): void {
    this.#account.received(peer, bytes)
    this.#account.leaf([{ peer, bytes }], bytes)
    this.alive()
  }

  /** From here on there is something to watch. */
  watch(watched: Watched): void {
    this.#watched = watched
  }

  /** Something was verified: the download goes on, whatever the numbers say. */
  alive(): void {
    this.#lastVerifiedAt = performance.now()
    this.#stalls.moved(this.#lastVerifiedAt)
  }

  /** What failed is mended: the download goes on as if it had not. */
  forgive(): void {
    this.#queue.forgive()
    this.alive()
  }

  /** What the disk says while nothing else is looked at, and that it is why the download stands still. */
  async *paused<T>(events: AsyncGenerator<TransferEvent, T, undefined>): AsyncGenerator<TransferEvent, T, undefined> {
    const pausedAt = performance.now()
    try {
      for (;;) {
        const step = await events.next()
        if (step.done === true) {
          return step.value
        }
        this.#refusal = step.value.type === 'paused' ? step.value : undefined
        yield step.value
        const stall = this.#refusal && this.#stallNews()
        if (stall !== undefined) {
          yield stall
        }
      }
    } finally {
      this.#refusal = undefined
      const pausedMs = performance.now() - pausedAt
      this.#seekingSince += pausedMs
      this.#lastVerifiedAt += pausedMs
      await events.return(undefined as T)
    }
  }

  /** Tell the reader. */
  say(event: TransferEvent): void {
    this.#queue.push(event)
  }

  /** The reader has something else to look at. */
  wake(): void {
    this.#queue.wake()
  }

  /** The next event, or nothing after a moment; throws when there is no hope. */
  async next(signal: AbortSignal | undefined): Promise<TransferEvent | undefined> {
    const onAbort = (): void => {
      this.#queue.fail(signal?.reason instanceof Error ? signal.reason : new DOMException('aborted', 'AbortError'))
    }
    signal?.throwIfAborted()
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      this.#parts.connector.pump()
      this.#checkNowAndThen() // whatever else is going on
      return this.#stallNews() ?? this.#progressIfDue() ?? (await this.#queue.next(PROGRESS_MS))
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }

  get #parts(): Watched {
    if (this.#watched === undefined) {
      throw new NotStartedError('the download is not watched yet')
    }
    return this.#watched
  }

  /** A progress event when the last one is old enough, whatever else is going on. */
  #progressIfDue(): TransferEvent | undefined {
    const now = performance.now()
    if (this.#bytesTotal === 0 || now - this.#lastProgressAt < PROGRESS_MS) {
      return undefined
    }
    this.#lastProgressAt = now
    return this.progress()
  }

  progress(): TransferEvent & { type: 'progress' } {
    const rateBps = this.#rate.perSecond(performance.now())
    const left = this.#bytesTotal - this.#bytesDone
    const paths = this.#parts.entry.swarm.members.map((peer) => this.#init.path(peer))
    return {
      type: 'progress',
      bytesDone: this.#bytesDone,
      bytesTotal: this.#bytesTotal,
      bytesReceived: this.bytesReceived,
      traffic: this.traffic,
      rateBps,
      peers: this.#peers,
      path: paths.includes('direct') ? 'direct' : (paths[0] ?? 'none'),
      ...(rateBps >= 1 ? { etaS: left / rateBps } : {})
    }
  }

  #stallNews(): TransferEvent | undefined {
    const now = performance.now()
    return this.#stalls.look(now, () => this.#facts(now))
  }

  #facts(now: number): StallFacts {
    const { canSearch } = this.#init
    return stallFacts({ watched: this.#parts, relays: this.#relays, canSearch, refusal: this.#refusal }, now)
  }

  #checkNowAndThen(): void {
    const now = performance.now()
    if (now - this.#lastCheckAt >= PROGRESS_MS) {
      this.#lastCheckAt = now
      this.#throwIfHopeless()
    }
  }

  #throwIfHopeless(): void {
    const now = performance.now()
    const { connector, discovery } = this.#parts
    const error = hopeless(this.#init, {
      liarMs: this.#lastLiarAt === undefined ? undefined : now - this.#lastLiarAt,
      connected: this.#peers,
      everJoined: this.#everJoined,
      startedMs: now - this.#seekingSince,
      verifiedMs: now - this.#lastVerifiedAt,
      connector,
      searches: discovery.searches,
      stall: () => decideStall(this.#facts(now))
    })
    if (error !== undefined) {
      throw error
    }
  }
}
