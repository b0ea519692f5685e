import type { PeerId } from '@libp2p/interface'
import type { PathKind } from '@p2pshare/interface'
import {
  ContentNotFoundError,
  ProvidersUnreachableError,
  TransferStalledError,
  VerificationFailedError
} from './errors.ts'
import { NotStartedError } from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'
import { EventQueue } from './event-queue.ts'
import { Rate } from './swarm/rate.ts'
import type { Connector } from './share/connector.ts'
import type { Discovery } from './share/discovery.ts'
import type { Entry } from './share/entry.ts'
import type { SwarmEvents } from './share/swarm.ts'
import type { SourceReport, TransferEvent } from './types.ts'

/** Time between two progress events. */
const PROGRESS_MS = 333

/** With nothing verified for this long, an event says why. */
const STALL_NOTICE_MS = 10_000

/** Known providers that each failed this often, with no search still running, are given up. */
const UNREACHABLE_FAILURES = 3

/** After the last source was dropped for wrong bytes, others may still be found for this long. */
const LIAR_GRACE_MS = 5000

export interface MonitorInit {
  readonly root: CID
  readonly findTimeoutMs: number
  readonly stallTimeoutMs: number
  readonly canSearch: boolean
  /** How bytes reach a peer. */
  path(peer: PeerId): PathKind
  /** The peer must never be asked again. */
  ban(peer: PeerId): void
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
  readonly #queue = new EventQueue<TransferEvent>()
  readonly #sources = new Map<string, { peer: PeerId; bytes: number }>()
  readonly #rate: Rate
  readonly #startedAt: number
  #lastVerifiedAt: number
  #lastProgressAt = 0
  #lastCheckAt = 0
  #lastNoticeAt: number
  #lastLiarAt: number | undefined
  #watched: Watched | undefined
  #everJoined = false
  #peers = 0
  #bytesReceived = 0
  #bytesDone = 0
  #bytesTotal = 0

  constructor(init: MonitorInit) {
    this.#init = init
    this.#startedAt = performance.now()
    this.#lastVerifiedAt = this.#startedAt
    this.#lastNoticeAt = this.#startedAt
    this.#rate = new Rate(this.#startedAt)
  }

  get bytesReceived(): number {
    return this.#bytesReceived
  }

  get sources(): SourceReport[] {
    return [...this.#sources.values()].sort((a, b) => b.bytes - a.bytes)
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
      this.#queue.push({ type: 'peer', peer, state: 'joined', path: this.#init.path(peer) })
    },
    left: (peer, reason) => {
      this.#peers--
      this.#watched?.connector.lost(peer)
      this.#queue.push({ type: 'peer', peer, state: 'left', reason })
    },
    dropped: (peer, reason) => {
      if (reason === 'wrong-bytes') {
        this.#watched?.connector.forget(peer)
        this.#lastLiarAt = performance.now()
        this.#init.ban(peer)
      }
      const why = reason === 'wrong-bytes' ? 'sent bytes that do not match their hash' : 'stopped sending'
      this.#queue.push({ type: 'peer', peer, state: 'dropped', reason: why })
    },
    stored: (done, bytes, peer) => {
      this.#onStored(done, bytes, peer)
    },
    alive: () => {
      this.alive()
    },
    received: (bytes) => {
      this.#bytesReceived += bytes
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
    this.#bytesReceived += bytes
    this.#credit(peer, bytes)
    this.alive()
  }

  /** From here on there is something to watch. */
  watch(watched: Watched): void {
    this.#watched = watched
  }

  /** Something was verified: the download goes on, whatever the numbers say. */
  alive(): void {
    this.#lastVerifiedAt = performance.now()
    this.#lastNoticeAt = this.#lastVerifiedAt
  }

  /** What failed is mended: the download goes on as if it had not. */
  forgive(): void {
    this.#queue.forgive()
    this.alive()
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
      return this.#progressIfDue() ?? (await this.#queue.next(PROGRESS_MS)) ?? this.#notice()
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
      bytesReceived: this.#bytesReceived,
      rateBps,
      peers: this.#peers,
      path: paths.includes('direct') ? 'direct' : (paths[0] ?? 'none'),
      ...(rateBps >= 1 ? { etaS: left / rateBps } : {})
    }
  }

  #onStored(done: number, bytes: number, peer: PeerId): void {
    const now = performance.now()
    this.#lastVerifiedAt = now
    this.#lastNoticeAt = now
    this.#bytesDone += done
    this.#rate.add(done, now)
    this.#credit(peer, bytes)
  }

  #credit(peer: PeerId, bytes: number): void {
    const source = this.#sources.get(peer.toString()) ?? { peer, bytes: 0 }
    source.bytes += bytes
    this.#sources.set(peer.toString(), source)
  }

  #notice(): TransferEvent | undefined {
    const now = performance.now()
    if (now - this.#lastNoticeAt < STALL_NOTICE_MS) {
      return undefined
    }
    this.#lastNoticeAt = now
    return { type: 'stalled', sinceMs: now - this.#lastVerifiedAt, reason: this.#stallReason() }
  }

  #stallReason(): 'no-peers' | 'no-source' | 'slow' {
    if (this.#peers === 0) {
      return 'no-peers'
    }
    return this.#parts.entry.swarm.hasSource ? 'slow' : 'no-source'
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
    const { root, canSearch } = this.#init
    if (this.#lastLiarAt !== undefined && this.#peers === 0 && now - this.#lastLiarAt > LIAR_GRACE_MS) {
      throw new VerificationFailedError(`every source of ${root.toString()} sent wrong bytes`)
    }
    if (!this.#everJoined) {
      const waited = now - this.#startedAt
      const tried = connector.known > 0 && connector.leastFailures >= UNREACHABLE_FAILURES
      if (tried && (discovery.searches > 0 || !canSearch)) {
        throw new ProvidersUnreachableError(root, connector.known, { cause: connector.lastError })
      }
      if (waited >= this.#init.findTimeoutMs || (!canSearch && connector.known === 0)) {
        throw connector.known > 0
          ? new ProvidersUnreachableError(root, connector.known, { cause: connector.lastError })
          : new ContentNotFoundError(
              root,
              canSearch ? `searched for ${Math.round(waited / 1000)} s` : 'no way to search'
            )
      }
    }
    if (now - this.#lastVerifiedAt >= this.#init.stallTimeoutMs) {
      throw new TransferStalledError(this.#init.stallTimeoutMs, STALL_TEXT[this.#stallReason()])
    }
  }
}

const STALL_TEXT = {
  'no-peers': 'no peer is connected',
  'no-source': 'no connected peer has what is missing',
  slow: 'connected peers do not send'
} as const
