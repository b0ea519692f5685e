import type { AbortOptions, Logger } from '@libp2p/interface'
import { AbortError } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { DeadlineError, NotStartedError, isGone, standingOf } from '@p2pshare/interface'
import { anySignal } from 'any-signal'
import type { Datastore } from 'interface-datastore'
import { setMaxListeners } from 'main-event'
import type { CID } from 'multiformats/cid'
import { ANNOUNCE_CONCURRENCY, HOLDERS, JOIN_WAIT_MS, MAX_WANTED_ROOTS, REPAIR_INTERVAL_MS } from '../constants.ts'
import { TooManyRootsError } from '../errors.ts'
import type { Network } from '../network.ts'
import { peerJoined } from '../peer-joined.ts'
import type { Announcement, DhtCollaborators, NetworkStatus } from '../types.ts'
import { abortable } from '../wait.ts'
import { AnnounceRunner } from './announce-runner.ts'
import type { AnnounceEvent } from './announce-schedule.ts'
import { AnnounceStore } from './announce-store.ts'
import { AnnouncedRoot, nameOf } from './announced-root.ts'
import { batchFor } from './batch.ts'
import { DueQueue } from './due-queue.ts'

/** What an `Announcer` works with. */
export interface AnnouncerInit {
  readonly network: Network
  readonly datastore: Datastore
  readonly membership: () => DhtCollaborators['membership']
  readonly provideTimeoutMs: number
  /** Announce what an earlier run wanted, without being told again. */
  readonly resume: boolean
  readonly log: Logger
  /** Roots that are announced. @default MAX_WANTED_ROOTS */
  readonly maxRoots?: number
}

/** Keeps roots announced in one network: owns the timer and the slots. What is due says the schedule. */
export class Announcer {
  readonly #init: AnnouncerInit
  readonly #roots = new Map<string, AnnouncedRoot>()
  /** Of an earlier run, until somebody wants them again. */
  readonly #remembered = new Map<string, AnnouncedRoot>()
  readonly #due = new DueQueue<AnnouncedRoot>()
  readonly #jobs = new Set<Promise<void>>()
  readonly #store: AnnounceStore
  readonly #runner: AnnounceRunner
  readonly #maxRoots: number
  #shutdown: AbortController | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #repairs: ReturnType<typeof setInterval> | undefined

  constructor(init: AnnouncerInit) {
    const { network, datastore, log } = init
    this.#init = init
    this.#maxRoots = init.maxRoots ?? MAX_WANTED_ROOTS
    this.#store = new AnnounceStore({ datastore, prefix: `${network.spec.prefix}/announce`, log })
    this.#runner = new AnnounceRunner({
      network,
      log,
      onChange: (root, event) => {
        this.#apply(root, event)
        this.#store.put(root)
      },
      onFindable: (root) => {
        this.#settle(root)
      }
    })
  }

  /** What is overdue since an earlier run, or since the machine slept, is caught up: the oldest first. */
  async start(): Promise<void> {
    const { resume, network } = this.#init
    for (const root of await this.#store.start(this.#maxRoots)) {
      if (this.#roots.has(root.name)) {
        continue
      }
      // few holders may be gone with the network of then; twenty are not
      if (root.holders.length < HOLDERS) {
        root.state = { ...root.state, dueAt: Math.min(root.state.dueAt, Date.now()) }
      }
      if (resume) {
        this.#adopt(root)
      } else if (root.stateAt(Date.now()) === 'announced') {
        this.#remembered.set(root.name, root)
      } else {
        this.#store.delete(root)
      }
    }
    for (const root of this.#roots.values()) {
      network.records.provide(root.key)
    }
    this.#shutdown = new AbortController()
    setMaxListeners(Infinity, this.#shutdown.signal)
    this.#repairs = setInterval(() => {
      this.#repair()
    }, REPAIR_INTERVAL_MS)
    this.#repairs.unref()
    this.changed()
  }

  async stop(): Promise<void> {
    this.#shutdown?.abort(new NotStartedError('the dht service was stopped'))
    this.#shutdown = undefined
    clearTimeout(this.#timer)
    clearInterval(this.#repairs)
    await Promise.allSettled(this.#jobs)
    await this.#store.stop()
  }

  list(): Announcement[] {
    const now = Date.now()
    return [...this.#roots.values()].map((root) => root.toAnnouncement(this.#init.network.spec.name, now))
  }

  counts(): NetworkStatus['queue'] {
    const now = Date.now()
    const counts = { announced: 0, due: 0, failed: 0 }
    for (const root of this.#roots.values()) {
      counts[root.stateAt(now)]++
    }
    const nextAt = this.#due.peek()?.dueAt
    return { ...counts, ...(nextAt === undefined ? {} : { nextAt }) }
  }

  halfLifeMs(): number | undefined {
    return this.#runner.halfLifeMs()
  }

  /** See `ProviderRouting.provide`. */
  async provide(cid: CID, { signal }: AbortOptions): Promise<void> {
    signal?.throwIfAborted()
    const shutdown = this.#shutdown
    if (shutdown === undefined) {
      throw new NotStartedError('provide() needs a started dht service')
    }
    const known = this.#roots.get(nameOf(cid))
    const root = known ?? this.#add(cid)
    const { provideTimeoutMs } = this.#init
    const deadline = new AbortController()
    const timer = setTimeout(() => {
      deadline.abort(new DeadlineError(`announcing ${cid.toString()}`, provideTimeoutMs))
    }, provideTimeoutMs)
    const all = anySignal([signal, shutdown.signal, root.cancelled.signal, deadline.signal])
    root.waiting++
    try {
      await this.#untilAnnounced(root, all)
    } catch (err) {
      if (signal?.aborted === true && known === undefined && root.successes === 0) {
        this.#remove(root)
      }
      throw err
    } finally {
      root.waiting--
      all.clear()
      clearTimeout(timer)
    }
  }

  /** Stop announcing; what is being sent now is cut short. Unknown roots are fine. */
  cancel(cid: CID): void {
    const name = nameOf(cid)
    const root = this.#roots.get(name) ?? this.#remembered.get(name)
    if (root !== undefined) {
      this.#remove(root)
    }
  }

  /** A peer joined or our addresses changed: what waits for that becomes due. */
  readonly changed = (): void => {
    if (this.#shutdown === undefined) {
      return
    }
    const addresses = this.#init.network.addresses()
    for (const root of this.#roots.values()) {
      // a full set of holders needs no more of them; the interval replaces those that go
      if (root.holders.length < HOLDERS || root.hasMoved(addresses)) {
        this.#apply(root, { type: 'changed' })
      }
    }
    this.#pump()
  }

  #add(cid: CID): AnnouncedRoot {
    if (this.#roots.size >= this.#maxRoots) {
      throw new TooManyRootsError(this.#maxRoots)
    }
    const root = this.#remembered.get(nameOf(cid)) ?? new AnnouncedRoot(cid, Date.now())
    this.#remembered.delete(root.name)
    this.#adopt(root)
    this.#store.put(root)
    // who asks us directly is told at once
    this.#init.network.records.provide(root.key)
    return root
  }

  #adopt(root: AnnouncedRoot): void {
    this.#roots.set(root.name, root)
    this.#plan(root)
  }

  #remove(root: AnnouncedRoot): void {
    this.#roots.delete(root.name)
    this.#remembered.delete(root.name)
    this.#due.delete(root)
    this.#store.delete(root)
    this.#init.network.records.unprovide(root.key)
    root.cancelled.abort(new AbortError(`announcing ${root.root.toString()} was cancelled`))
  }

  #apply(root: AnnouncedRoot, event: AnnounceEvent): void {
    root.apply(event, Date.now(), this.#runner.timing())
    this.#plan(root)
  }

  /** What runs now is planned when it has ended, what was cancelled never. */
  #plan(root: AnnouncedRoot): void {
    if (!root.isRunning && !root.cancelled.signal.aborted) {
      this.#due.set(root, root.dueAt)
    }
  }

  async #untilAnnounced(root: AnnouncedRoot, signal: AbortSignal): Promise<void> {
    const before = root.successes
    const isFresh = root.stateAt(Date.now()) === 'announced' && root.dueAt > Date.now()
    if (isFresh && !root.hasMoved(this.#init.network.addresses())) {
      return
    }
    const { network } = this.#init
    if (network.isConnected()) {
      await peerJoined(network.kad, JOIN_WAIT_MS, { signal })
    }
    this.#apply(root, { type: 'changed' })
    // Infinity: nobody to tell; the announcement goes out when somebody joins
    while (root.successes === before && root.dueAt !== Infinity) {
      const attempt = root.attempt.promise
      this.#pump()
      await abortable(attempt, { signal })
    }
  }

  #pump(): void {
    const shutdown = this.#shutdown
    if (shutdown === undefined) {
      return
    }
    while (this.#jobs.size < ANNOUNCE_CONCURRENCY) {
      const next = this.#due.peek()
      if (next === undefined) {
        return
      }
      const inMs = next.dueAt - Date.now()
      if (inMs > 0) {
        clearTimeout(this.#timer)
        // a timer does not run while the machine sleeps: the clock is looked at again
        this.#timer = setTimeout(
          () => {
            this.#pump()
          },
          Math.min(inMs, REPAIR_INTERVAL_MS)
        )
        return
      }
      this.#start(next.item, shutdown.signal)
    }
    // no slot is free: the job that ends next comes back here
  }

  #start(first: AnnouncedRoot, shutdown: AbortSignal): void {
    const { network } = this.#init
    const batch = batchFor(first, this.#roots.values(), {
      nodes: network.view(first.position) === undefined ? network.nodes() : undefined,
      until: Date.now() + this.#runner.timing().intervalMs / 2
    })
    for (const root of batch.roots) {
      root.isRunning = true
      this.#due.delete(root)
    }
    const job = this.#runner.run(batch, shutdown).finally(() => {
      this.#jobs.delete(job)
      for (const root of batch.roots) {
        root.isRunning = false
        this.#plan(root)
        this.#settle(root)
      }
      this.#pump()
    })
    this.#jobs.add(job)
  }

  #settle(root: AnnouncedRoot): void {
    const { resolve } = root.attempt
    root.attempt = Promise.withResolvers()
    resolve(undefined)
  }

  /** Roots whose holders have died, as far as membership knows, are told to others. */
  #repair(): void {
    const membership = this.#init.membership()
    if (membership === undefined || this.#init.network.spec.name !== 'own') {
      return
    }
    const alive = new Map<string, boolean>()
    const isAlive = (holder: string): boolean => {
      const known = alive.get(holder) ?? !isGone(standingOf(peerIdFromString(holder), membership))
      alive.set(holder, known)
      return known
    }
    for (const root of this.#roots.values()) {
      // a small network has no others to tell
      if (root.holders.length >= HOLDERS) {
        this.#apply(root, { type: 'holders', live: root.holders.filter(isAlive).length })
      }
    }
    this.#pump()
  }
}
