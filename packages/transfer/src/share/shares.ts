import type { Logger, PeerId } from '@libp2p/interface'
import { NotStartedError } from '@p2pshare/interface'
import type { HaveSummary } from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'
import { asError } from '../as-error.ts'
import type { BanReason, Offence } from '../bans/ban.ts'
import { SourceChangedError } from '../errors.ts'
import type { Limiter } from '../rate/limiter.ts'
import type { ScrubReport, ShareEvents, TransferCollaborators, VerifyOptions, VerifyReport } from '../types.ts'
import type { LeafWorkers } from '../worker/leaf-workers.ts'
import { Awake } from './awake.ts'
import type { Connector } from './connector.ts'
import { blockNow, blockOf } from './content.ts'
import { Discovery } from './discovery.ts'
import { closeEntry, countSent, isFetching, releaseFiles } from './entry.ts'
import type { Entry, ShareInfo } from './entry.ts'
import type { Library, OpenShare } from './library.ts'
import { mayPass } from '../store/patience.ts'
import type { Activity } from './quiet.ts'
import { ReadPool } from './read-pool.ts'
import { receiveBytes, ReceiveBuffers } from './receive-buffers.ts'
import { Receivers } from './receivers.ts'
import { Scrubber } from './scrubber.ts'
import type { ScrubRun } from './scrubber.ts'
import { SeedFaults } from './seed-faults.ts'
import { Swarm } from './swarm.ts'
import type { SwarmEvents } from './swarm-events.ts'
import { forwardTo, SILENT } from './swarm-events.ts'

export interface SharesInit {
  readonly self: PeerId
  readonly log: Logger
  readonly library: Library
  readonly limiter: Limiter
  /** Those of the node, which are there while it runs. */
  workers(): LeafWorkers
  collaborators(): TransferCollaborators
  /** A peer did what it must not. */
  blame(peer: PeerId, offence: Offence): void
  /** An event of the service. */
  tell<Type extends keyof ShareEvents>(type: Type, detail: ShareEvents[Type]['detail']): void
}

/** What this node shares and fetches, by root: opened when somebody asks, closed for good when it cannot be served. */
export class Shares implements Iterable<Entry> {
  readonly #init: SharesInit
  readonly #entries = new Map<string, Entry>()
  readonly #reads = new ReadPool()
  /** Made for the workers that there are. */
  #buffers: ReceiveBuffers | undefined
  readonly #faults: SeedFaults
  readonly #awake: Awake<Entry>

  constructor(init: SharesInit) {
    this.#init = init
    this.#awake = new Awake(
      (entry) => this.#maySleep(entry),
      (entry) => {
        this.#sleep(entry)
      }
    )
    this.#faults = new SeedFaults({
      log: init.log,
      library: init.library,
      tell: (type, detail) => {
        init.tell(type, detail)
      },
      withdraw: (entry) => {
        this.withdraw(entry)
      }
    })
  }

  get(root: CID): Entry | undefined {
    return this.#entries.get(root.toString())
  }

  [Symbol.iterator](): IterableIterator<Entry> {
    return this.#entries.values()
  }

  /** An entry that peers do not meet yet: see `add`. */
  create(info: ShareInfo): Entry {
    const { self, limiter } = this.#init
    const workers = this.#init.workers()
    this.#buffers ??= new ReceiveBuffers(receiveBytes(workers.max))
    const entry: Entry = {
      root: info.root,
      info,
      abort: new AbortController(),
      seek: new AbortController(),
      bytesSent: 0,
      receivers: new Receivers(),
      asleep: false,
      events: SILENT,
      swarm: new Swarm({
        root: info.root,
        self,
        buffers: this.#buffers,
        workers,
        pool: this.#reads,
        limiter,
        blame: (peer, offence) => {
          this.#init.blame(peer, offence)
        },
        node: async (cid) => {
          await this.wake(entry)
          return entry.nodes?.get(cid)
        },
        events: forwardTo(
          () => entry.events,
          (bytes, peer) => {
            countSent(entry, bytes, peer)
          }
        )
      })
    }
    entry.events = this.seedEvents(entry)
    return entry
  }

  /** Nothing is asked of the peer or sent to it from here on. */
  ban(peer: PeerId, reason: BanReason): void {
    for (const { swarm } of this.#entries.values()) {
      swarm.ban(peer.toString(), reason)
    }
  }

  /** From here on peers are answered for this root. */
  add(entry: Entry): void {
    this.#entries.set(entry.root.toString(), entry)
  }

  /** Serve what is complete here. */
  serve(info: ShareInfo, { nodes, content }: OpenShare, sent: Partial<Entry> = {}): Entry {
    const entry = Object.assign(this.create(info), sent, { nodes, content })
    entry.swarm.activate(content)
    this.add(entry)
    this.#awake.use(entry)
    this.discovery(entry).exchange()
    return entry
  }

  /** More of a share was wanted and did not come: what was here before it was parked is still here. */
  serveAgain({ info, content, nodes, bytesSent, receivers }: Entry): void {
    if (content !== undefined && nodes !== undefined) {
      this.serve(info, { content, nodes }, { bytesSent, receivers })
    }
  }

  /** Open a share that was remembered from an earlier run; at once for all others. */
  async wake(entry: Entry): Promise<void> {
    if (entry.asleep) {
      entry.waking ??= this.#open(entry)
    }
    await entry.waking
    this.#awake.use(entry)
  }

  /** Nobody is served, and it can be opened again. */
  #maySleep(entry: Entry): boolean {
    const isOurs = this.#init.library.remembers && this.get(entry.root) === entry && entry.content?.source !== undefined
    return isOurs && entry.swarm.members.length === 0 && !isFetching(entry) && !this.#faults.isBusy(entry)
  }

  /** Back to what is known of a share without opening it. */
  #sleep(entry: Entry): void {
    const open = { ...entry }
    entry.asleep = true
    delete entry.waking
    delete entry.content
    delete entry.nodes
    entry.swarm.pause('nobody asks for it').catch(() => undefined)
    releaseFiles(open).catch((error: unknown) => {
      this.#init.log.error('closing %c failed - %e', entry.root, error)
    })
  }

  /** A block of a share that is here. One whose file has changed is withdrawn. */
  async block(cid: CID, root: CID): Promise<Uint8Array | undefined> {
    const entry = this.get(root)
    if (entry === undefined) {
      return undefined
    }
    try {
      await this.wake(entry)
      return await blockOf(entry, cid)
    } catch (error) {
      if (error instanceof SourceChangedError || mayPass(error)) {
        entry.events.failed(error)
      }
      throw error
    }
  }

  /** The same without waiting, if that is possible; `undefined` says nothing about it. */
  blockNow(cid: CID, root: CID): Uint8Array | undefined {
    const entry = this.get(root)
    return entry?.content && !this.#faults.isBusy(entry) ? blockNow(entry.content, cid) : undefined
  }

  /** What a share that is only served reports: nobody waits for it. */
  seedEvents(entry: Entry): SwarmEvents {
    return {
      ...SILENT,
      failed: (error) => {
        this.#faults.failed(entry, error)
      }
    }
  }

  /** The user's file is not what was shared: stop serving it, keep the record for them to see. */
  withdraw(entry: Entry): void {
    entry.swarm.withdraw()
    this.close(entry, 'the source changed')
      .then(async () => this.stopProviding(entry.root))
      .catch((error: unknown) => {
        this.#init.log.error('closing %c failed - %e', entry.root, error)
      })
  }

  /** Read and hash all of a share; one that is damaged is withdrawn. */
  async verify(root: CID, options: VerifyOptions): Promise<VerifyReport> {
    const entry = this.get(root)
    if (entry === undefined) {
      throw new NotStartedError(`${root.toString()} is not shared here`)
    }
    return this.#faults.verify(entry, async () => this.wake(entry), options)
  }

  /** One pass over everything that is complete here. */
  async scrub(options: ScrubRun): Promise<ScrubReport> {
    const { library } = this.#init
    const byRoot = (a: Entry, b: Entry): number => (a.root.toString() < b.root.toString() ? -1 : 1)
    const scrubber = new Scrubber({
      shares: () => [...this.#entries.values()].filter((entry) => entry.asleep || !isFetching(entry)).sort(byRoot),
      wake: async (entry) => this.wake(entry),
      load: async () => library.loadScrub(),
      save: async (state) => library.saveScrub(state),
      damaged: (entry, files) => {
        this.#faults.changed(entry, files)
      },
      unreadable: async (entry, error, { signal }) => {
        if (error instanceof SourceChangedError) {
          const { damaged } = await this.verify(entry.root, { ...(signal && { signal }) })
          return damaged.length === 0
        }
        entry.events.failed(asError(error))
        return false
      }
    })
    return scrubber.pass(options)
  }

  /** What transfers do to the disk. */
  activity(): Activity {
    const entries = [...this.#entries.values()]
    return {
      sent: entries.reduce((sum, { bytesSent }) => sum + bytesSent, 0),
      downloads: entries.filter((entry) => !entry.asleep && isFetching(entry)).length
    }
  }

  /** Nobody should be sent here for a root that is not served. */
  async stopProviding(root: CID): Promise<void> {
    try {
      await this.#init.collaborators().routing?.cancelProvide(root)
    } catch (error) {
      this.#init.log.error('%c is still announced - %e', root, error)
    }
  }

  discovery(entry: Entry, connector?: Connector): Discovery {
    return new Discovery({
      root: entry.root,
      collaborators: this.#init.collaborators(),
      log: this.#init.log,
      signal: entry.abort.signal,
      searching: entry.seek.signal,
      found: async (provider) => connector?.add(provider),
      isServed: () => entry.swarm.hasSource,
      have: () => haveOf(entry)
    })
  }

  async close(entry: Entry, reason: string): Promise<void> {
    this.#awake.forget(entry)
    if (this.get(entry.root) === entry) {
      this.#entries.delete(entry.root.toString())
    }
    await closeEntry(entry, reason)
  }

  async closeAll(reason: string): Promise<void> {
    await Promise.all([...this.#entries.values()].map(async (entry) => closeEntry(entry, reason)))
    this.#entries.clear()
  }

  async #open(entry: Entry): Promise<void> {
    try {
      const { nodes, content } = await this.#init.library.wake(entry.root)
      entry.nodes = nodes
      entry.content = content
      entry.asleep = false
      entry.swarm.activate(content)
    } catch (error) {
      delete entry.waking // the next one who asks tries again
      throw error
    }
  }
}

/** What others are told of a share: all of one that sleeps, nothing of one whose map is not known. */
function haveOf({ asleep, info, swarm }: Entry): HaveSummary {
  const { leaves } = info
  return swarm.have ?? { leaves, held: asleep ? leaves : 0 }
}
