import type { AbortOptions, Logger, PeerId } from '@libp2p/interface'
import { AbortError } from '@libp2p/interface'
import { DeadlineError, NotStartedError } from '@p2pshare/interface'
import { anySignal } from 'any-signal'
import { setMaxListeners } from 'main-event'
import { base58btc } from 'multiformats/bases/base58'
import type { CID } from 'multiformats/cid'
import { announceOnce } from './announce-once.ts'
import { nextAnnounce, wanted } from './announce-schedule.ts'
import type { AnnounceEvent, AnnounceState, AnnounceTiming } from './announce-schedule.ts'
import { ANNOUNCE_CONCURRENCY, ANNOUNCE_TIMEOUT_MS, HOLDERS, MAX_WANTED_ROOTS } from './constants.ts'
import { DueQueue } from './due-queue.ts'
import { TooManyRootsError } from './errors.ts'
import type { Kad } from './kad.ts'
import { abortable } from './wait.ts'

/** How far the announcement of one root is. */
export interface Announcement {
  readonly root: CID
  /** `queued`: nobody holds the record yet, because nobody is there, we have no address, or the tries failed. */
  readonly state: 'queued' | 'announced'
  /** When peers last took the record, in milliseconds since the Unix epoch. */
  readonly announcedAt?: number
  /** Peers the record was last written to. */
  readonly sentTo: number
  /** Whether one of them gave it back when asked. */
  readonly confirmed: boolean
}

interface Entry {
  readonly root: CID
  readonly controller: AbortController
  state: AnnounceState
  sentTo: number
  confirmed: boolean
  /** Settles when the attempt that runs now, or the next one, is over. */
  attempt: PromiseWithResolvers<void>
  running: boolean
}

/** What an `Announcer` works with. */
export interface AnnouncerInit {
  readonly kad: Kad
  readonly self: PeerId
  /** Whether this node has an address under which others could find it. */
  readonly hasAddresses: () => boolean
  readonly timing: AnnounceTiming
  readonly provideTimeoutMs: number
  readonly log: Logger
}

/** Keeps roots announced: owns the one timer, runs a few announcements at a time. What is due says the schedule. */
export class Announcer {
  readonly #init: AnnouncerInit
  readonly #entries = new Map<string, Entry>()
  readonly #due = new DueQueue<Entry>()
  readonly #jobs = new Set<Promise<void>>()
  #shutdown: AbortController | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(init: AnnouncerInit) {
    this.#init = init
  }

  /** Roots wanted before a stop are announced again. */
  start(): void {
    this.#shutdown = new AbortController()
    setMaxListeners(Infinity, this.#shutdown.signal)
    this.changed()
  }

  async stop(): Promise<void> {
    this.#shutdown?.abort(new NotStartedError('the dht service was stopped'))
    this.#shutdown = undefined
    clearTimeout(this.#timer)
    await Promise.allSettled(this.#jobs)
  }

  list(): Announcement[] {
    return [...this.#entries.values()].map(({ root, state, sentTo, confirmed }) => ({
      root,
      state: state.announcedAt === undefined ? 'queued' : 'announced',
      ...(state.announcedAt === undefined ? {} : { announcedAt: state.announcedAt }),
      sentTo,
      confirmed
    }))
  }

  /** See `ProviderRouting.provide`. */
  async provide(root: CID, { signal }: AbortOptions): Promise<void> {
    signal?.throwIfAborted()
    const shutdown = this.#shutdown
    if (shutdown === undefined) {
      throw new NotStartedError('provide() needs a started dht service')
    }
    const key = keyOf(root)
    const known = this.#entries.get(key)
    const entry = known ?? this.#add(key, root)
    const { provideTimeoutMs } = this.#init
    const deadline = new AbortController()
    const timer = setTimeout(() => {
      deadline.abort(new DeadlineError(`announcing ${root.toString()}`, provideTimeoutMs))
    }, provideTimeoutMs)
    const all = anySignal([signal, shutdown.signal, entry.controller.signal, deadline.signal])
    try {
      await this.#untilAnnounced(entry, all)
    } catch (err) {
      if (signal?.aborted === true && known === undefined && entry.state.announcedAt === undefined) {
        this.#remove(key, entry)
      }
      throw err
    } finally {
      all.clear()
      clearTimeout(timer)
    }
  }

  /** Stop announcing; what is being sent now is cut short. Unknown roots are fine. */
  cancel(root: CID): void {
    const key = keyOf(root)
    const entry = this.#entries.get(key)
    if (entry !== undefined) {
      this.#remove(key, entry)
    }
  }

  /** A peer joined or our addresses changed: what waits for that becomes due. */
  readonly changed = (): void => {
    if (this.#shutdown === undefined) {
      return
    }
    for (const entry of this.#entries.values()) {
      // a full set of holders needs no more of them; the interval replaces those that go
      if (entry.sentTo < HOLDERS) {
        this.#apply(entry, { type: 'changed' })
      }
    }
    this.#pump()
  }

  #add(key: string, root: CID): Entry {
    if (this.#entries.size >= MAX_WANTED_ROOTS) {
      throw new TooManyRootsError(MAX_WANTED_ROOTS)
    }
    const controller = new AbortController()
    setMaxListeners(Infinity, controller.signal)
    const entry: Entry = {
      root,
      controller,
      state: wanted(Date.now()),
      sentTo: 0,
      confirmed: false,
      attempt: Promise.withResolvers(),
      running: false
    }
    this.#entries.set(key, entry)
    this.#plan(entry)
    return entry
  }

  #remove(key: string, entry: Entry): void {
    this.#entries.delete(key)
    this.#due.delete(entry)
    entry.controller.abort(new AbortError(`announcing ${entry.root.toString()} was cancelled`))
  }

  #apply(entry: Entry, event: AnnounceEvent): void {
    entry.state = nextAnnounce(entry.state, event, Date.now(), this.#init.timing, Math.random())
    this.#plan(entry)
  }

  /** What runs now is planned when it has ended, what was cancelled never. */
  #plan(entry: Entry): void {
    if (!entry.running && !entry.controller.signal.aborted) {
      this.#due.set(entry, entry.state.dueAt)
    }
  }

  async #untilAnnounced(entry: Entry, signal: AbortSignal): Promise<void> {
    const before = entry.state.announcedAt
    if (before !== undefined && Date.now() - before < this.#init.timing.minGapMs) {
      return
    }
    this.#apply(entry, { type: 'changed' })
    do {
      const attempt = entry.attempt.promise
      this.#pump()
      await abortable(attempt, { signal })
      // Infinity: nobody to tell; the announcement goes out when somebody joins
    } while (entry.state.announcedAt === before && entry.state.dueAt !== Infinity)
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
        this.#timer = setTimeout(() => {
          this.#pump()
        }, inMs)
        return
      }
      this.#start(next.item, shutdown.signal)
    }
    // no slot is free: the job that ends next comes back here
  }

  #start(entry: Entry, shutdown: AbortSignal): void {
    entry.running = true
    this.#due.delete(entry)
    const job = this.#run(entry, shutdown).finally(() => {
      entry.running = false
      this.#plan(entry)
      this.#jobs.delete(job)
      const { resolve } = entry.attempt
      entry.attempt = Promise.withResolvers()
      resolve()
      this.#pump()
    })
    this.#jobs.add(job)
  }

  /** Never rejects. */
  async #run(entry: Entry, shutdown: AbortSignal): Promise<void> {
    const { kad, self, hasAddresses, log } = this.#init
    const signal = anySignal([shutdown, entry.controller.signal, AbortSignal.timeout(ANNOUNCE_TIMEOUT_MS)])
    setMaxListeners(Infinity, signal)
    try {
      // with an empty table this only stores the record here, for peers that ask us directly
      const result =
        hasAddresses() || kad.tableSize() === 0 ? await announceOnce(kad, self, entry.root, { signal }) : undefined
      if (result !== undefined && result.sentTo > 0) {
        entry.sentTo = result.sentTo
        entry.confirmed = result.confirmed
        this.#apply(entry, { type: 'succeeded' })
        return
      }
    } catch (err) {
      log('announcing %c failed - %e', entry.root, err)
    } finally {
      signal.clear()
    }
    this.#apply(entry, { type: hasAddresses() && kad.tableSize() > 0 ? 'failed' : 'blocked' })
  }
}

/** The DHT knows multihashes only: roots that differ in version or codec are the same key. */
function keyOf(root: CID): string {
  return base58btc.encode(root.multihash.bytes)
}
