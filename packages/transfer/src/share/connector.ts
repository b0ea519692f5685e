import type { ConnectionManager } from '@libp2p/interface-internal'
import type { Connection, Logger, PeerId, PeerStore } from '@libp2p/interface'
import { compareStanding, isGone, standingOf } from '@p2pshare/interface'
import type { HaveSummary, MembershipView, PeerStanding, SharePeer } from '@p2pshare/interface'
import { anySignal } from 'any-signal'
import type { CID } from 'multiformats/cid'
import { asError } from '../as-error.ts'
import type { Ban } from '../bans/ban.ts'
import { PeerBannedError } from '../errors.ts'
import { openLanes, SessionRejectedError } from '../session/handshake.ts'
import type { FirstMessage, LanePair } from '../session/handshake.ts'
import { outlookOf } from './candidate-outlook.ts'
import type { CandidateOutlook } from './candidate-outlook.ts'

/** Providers one download remembers; later ones are ignored until one of these is given up. */
export const MAX_CANDIDATES = 256

/** Sessions one download keeps. */
export const MAX_SOURCES = 50

/** Dials at once. */
const MAX_DIALS = 8

/** Connecting, encrypting, opening both lanes: ten seconds is a slow relay. */
const CONNECT_TIMEOUT_MS = 10_000

/** The wait before the second try; doubled each time up to the maximum. */
const RETRY_MIN_MS = 500
const RETRY_MAX_MS = 30_000

/** Failures after which a candidate makes room for another. */
const USELESS_FAILURES = 3

/**
 * The wait before a candidate that membership holds dead or that left is tried all the same; doubled each time up to the
 * maximum. While there are no others it is tried like any: a wrong verdict must not lock a source out.
 */
const GONE_RETRY_MIN_MS = 30_000
const GONE_RETRY_MAX_MS = 600_000

/** A peer that a session is wanted with. */
export interface Candidate {
  readonly id: PeerId
  /** What it says it has of the share. */
  have?: HaveSummary
  state: 'waiting' | 'dialing' | 'connected' | 'gone'
  /** It is gone since it was banned: bans end. */
  isBanned?: boolean
  /** Could not be reached. */
  failures: number
  /** Was reached and said no, or ended the session at once. */
  refusals: number
  notBefore: number
  lastError?: Error
  /** It was gone when it was looked at last: when to try it all the same, and how often that was done. */
  gone?: { readonly retryAt: number; readonly tries: number }
}

export interface ConnectorInit {
  readonly root: CID
  readonly self: PeerId
  readonly connectionManager: ConnectionManager
  readonly peerStore: PeerStore
  readonly log: Logger
  readonly signal: AbortSignal
  /** Whether there is a session with this peer already, or must never be one. */
  skip(peer: PeerId): boolean
  /** Why there must be no session with this peer, if so. */
  ban(peer: PeerId): Ban | undefined
  /** Who is alive, if somebody knows. */
  membership?(): Pick<MembershipView, 'member'> | undefined
  /** The best of the connections to a peer that are open, if somebody ranks them. */
  best?(peer: PeerId): Connection | undefined
  /** What to ask in the first flight of a session. */
  first(peer: PeerId): FirstMessage | undefined
  opened(peer: PeerId, lanes: LanePair, connection: Connection): void
}

/** Keeps trying to have a session with each provider it is told about, with growing pauses. */
export class Connector {
  readonly #init: ConnectorInit
  readonly #candidates = new Map<string, Candidate>()
  #dialing = 0
  #held = false

  constructor(init: ConnectorInit) {
    this.#init = init
  }

  get known(): number {
    return this.#candidates.size
  }

  /** The fewest failures of any candidate: how hard even the best one was tried. */
  get leastFailures(): number {
    return Math.min(...[...this.#candidates.values()].map((candidate) => candidate.failures))
  }

  /** How those stand that there is no session with. */
  outlook(now: number): CandidateOutlook {
    return outlookOf(this.#candidates.values(), now)
  }

  get busy(): boolean {
    return this.#dialing > 0
  }

  /** Why the last dial failed, for the error a person sees. */
  get lastError(): Error | undefined {
    return [...this.#candidates.values()].findLast((candidate) => candidate.lastError !== undefined)?.lastError
  }

  /** Be in `running` until its signal aborts. */
  keepIn(running: Set<Connector>): this {
    running.add(this)
    this.#init.signal.addEventListener('abort', () => running.delete(this), { once: true })
    return this
  }

  async add(provider: SharePeer): Promise<void> {
    const key = provider.id.toString()
    if (provider.id.equals(this.#init.self)) {
      return
    }
    const isConnected = this.#candidates.get(key)?.state === 'connected'
    if (provider.multiaddrs.length > 0 && !isConnected) {
      await this.#init.peerStore.merge(provider.id, { multiaddrs: [...provider.multiaddrs] })
    }
    if (!this.#candidates.has(key) && this.#hasRoom()) {
      this.#candidates.set(key, { id: provider.id, state: 'waiting', failures: 0, refusals: 0, notBefore: 0 })
    }
    const candidate = this.#candidates.get(key)
    const ban = this.#init.ban(provider.id)
    if (ban !== undefined) {
      this.banned(ban)
    }
    if (candidate !== undefined && provider.have !== undefined) {
      candidate.have = provider.have
    }
    this.pump()
  }

  /** Room for one more candidate, made by forgetting one that is of no use. */
  #hasRoom(): boolean {
    if (this.#candidates.size < MAX_CANDIDATES) {
      return true
    }
    for (const [key, { state, failures }] of this.#candidates) {
      if (state === 'gone' || (state === 'waiting' && failures >= USELESS_FAILURES)) {
        return this.#candidates.delete(key)
      }
    }
    return false
  }

  /** The session with a peer ended; it may be tried again. */
  lost(peer: PeerId): void {
    const candidate = this.#candidates.get(peer.toString())
    if (candidate?.state === 'connected') {
      candidate.state = 'waiting'
      candidate.notBefore = performance.now() + pauseMs(candidate)
      candidate.refusals++
    }
  }

  forget(peer: PeerId): void {
    const candidate = this.#candidates.get(peer.toString())
    if (candidate !== undefined) {
      candidate.state = 'gone'
    }
  }

  /** The peer must not be dialled from here on. */
  banned(ban: Ban): void {
    const candidate = this.#candidates.get(ban.peer.toString())
    if (candidate !== undefined) {
      candidate.state = 'gone'
      candidate.isBanned = true
      candidate.lastError = new PeerBannedError(ban)
    }
  }

  /** The peer is not banned any more. */
  pardoned(peer: PeerId): void {
    const candidate = this.#candidates.get(peer.toString())
    if (candidate?.isBanned === true) {
      welcomeBack(candidate)
      this.pump()
    }
  }

  /** Dial nobody before this has settled: a shorter way is tried first. */
  holdUntil(settled: Promise<unknown>): void {
    this.#held = true
    const release = (): void => {
      this.#held = false
      this.pump()
    }
    settled.then(release, release)
  }

  /** Membership says that a peer is alive: what was held against it before is over. */
  revived(peer: PeerId): void {
    const candidate = this.#candidates.get(peer.toString())
    if (candidate?.state === 'waiting') {
      candidate.failures = 0
      candidate.notBefore = 0
      delete candidate.gone
      this.pump()
    }
  }

  /** Dial whoever is due, the most promising first. Called on every change and a few times a second. */
  pump(): void {
    if (this.#held) {
      return
    }
    const now = performance.now()
    let connected = [...this.#candidates.values()].filter(({ state }) => state === 'connected').length
    for (const candidate of this.#due(now)) {
      if (this.#init.signal.aborted || this.#dialing >= MAX_DIALS || connected >= MAX_SOURCES) {
        return
      }
      if (this.#init.skip(candidate.id)) {
        candidate.notBefore = now + RETRY_MIN_MS
        continue
      }
      connected++
      this.#dial(candidate)
    }
  }

  #due(now: number): Candidate[] {
    for (const candidate of this.#candidates.values()) {
      if (candidate.isBanned === true && this.#init.ban(candidate.id) === undefined) {
        welcomeBack(candidate)
      }
    }
    const waiting = [...this.#candidates.values()].filter(
      ({ state, notBefore }) => state === 'waiting' && now >= notBefore
    )
    if (waiting.length === 0) {
      return waiting
    }
    const ranked = waiting
      .map((candidate) => ({ candidate, standing: this.#standing(candidate) }))
      .sort((a, b) => compareStanding(a.standing, b.standing))
    const hasOthers = this.#hasHope()
    return ranked
      .filter(({ candidate, standing }) => !isGone(standing) || this.#isWorthIt(candidate, hasOthers, now))
      .map(({ candidate }) => candidate)
  }

  #standing({ id, have }: Candidate): PeerStanding {
    return standingOf(id, this.#init.membership?.(), have)
  }

  /** Somebody serves us or is being dialled, or is not gone and may yet be reached. */
  #hasHope(): boolean {
    return [...this.#candidates.values()].some(
      (candidate) =>
        candidate.state === 'connected' ||
        candidate.state === 'dialing' ||
        (candidate.state !== 'gone' && candidate.failures < USELESS_FAILURES && !isGone(this.#standing(candidate)))
    )
  }

  /** Whether to dial one that is said to be gone. */
  #isWorthIt(candidate: Candidate, hasOthers: boolean, now: number): boolean {
    candidate.gone ??= { retryAt: now + GONE_RETRY_MIN_MS, tries: 0 }
    const { retryAt, tries } = candidate.gone
    if (hasOthers && now < retryAt) {
      return false
    }
    const pauseMs = Math.min(GONE_RETRY_MIN_MS * 2 ** (tries + 1), GONE_RETRY_MAX_MS)
    candidate.gone = { retryAt: now + pauseMs, tries: tries + 1 }
    return true
  }

  #dial(candidate: Candidate): void {
    candidate.state = 'dialing'
    this.#dialing++
    this.#connect(candidate.id)
      .then(() => {
        candidate.state = candidate.state === 'gone' ? 'gone' : 'connected'
        candidate.failures = 0
        delete candidate.gone
      })
      .catch((error: unknown) => {
        this.#failed(candidate, error)
      })
      .finally(() => {
        this.#dialing--
        this.pump()
      })
  }

  async #connect(peer: PeerId): Promise<void> {
    const signal = anySignal([this.#init.signal, AbortSignal.timeout(CONNECT_TIMEOUT_MS)])
    try {
      const connection =
        this.#init.best?.(peer) ?? (await this.#init.connectionManager.openConnection(peer, { signal }))
      const first = this.#init.first(peer)
      this.#init.opened(peer, await openLanes(connection, this.#init.root, { signal, first }), connection)
    } finally {
      signal.clear()
    }
  }

  #failed(candidate: Candidate, error: unknown): void {
    this.#init.log('no session with %p - %e', candidate.id, error)
    if (candidate.state === 'gone') {
      return // it was banned meanwhile
    }
    candidate.state = 'waiting'
    candidate.notBefore = performance.now() + pauseMs(candidate)
    if (error instanceof SessionRejectedError) {
      if (error.reason === 'duplicate') {
        return // the other side opened one at the same time
      }
      if (error.reason === 'banned') {
        candidate.state = 'gone'
      }
      candidate.refusals++
    } else {
      candidate.failures++
    }
    candidate.lastError = asError(error)
  }
}

function welcomeBack(candidate: Candidate): void {
  candidate.state = 'waiting'
  candidate.notBefore = 0
  delete candidate.isBanned
}

function pauseMs({ failures, refusals }: Candidate): number {
  return Math.min(RETRY_MIN_MS * 2 ** Math.min(failures + refusals, 16), RETRY_MAX_MS)
}
