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
import { closeEntry, countSent, isFetching, parkEntry, releaseFiles } from './entry.ts'
import type { Entry, ShareInfo } from './entry.ts'
import type { Library, OpenShare } from './library.ts'
import { mayPass } from '../store/patience.ts'
import type { Activity } from './quiet.ts'
import { ReadPool } from './read-pool.ts'
import { receiveBytes, ReceiveBuffers } from './receive-buffers.ts'
import { Receivers } from './receivers.ts'
import { scrubShares } from './scrub-shares.ts'
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
      wake: async (entry) => this.wake(entry),
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
      uses: 0,
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
        node: async (cid) => this.use(entry, async () => entry.nodes?.get(cid)),
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

  /** From here on peers are answered for this root by an entry that fetches more of it; what was served is parked for it. */
  replace(former: Entry | undefined, entry: Entry): void {
    if (former !== undefined) {
      parkEntry(former, 'more of it is fetched')
      this.#awake.forget(former)
      entry.former = former
    }
    this.add(entry)
  }

  /** The same backwards: what was parked is served again at once, unless somebody has closed it or its place since. */
  async giveBack(entry: Entry, reason: string): Promise<void> {
    const { former } = entry
    if (former?.content !== undefined && former.nodes !== undefined && this.get(entry.root) === entry) {
      delete entry.former
      const { info, content, nodes, bytesSent, receivers } = former
      this.serve(info, { content, nodes }, { bytesSent, receivers })
    }
    await this.close(entry, reason)
  }

  /** A share of an earlier run, that nobody has asked for. */
  addAsleep(info: ShareInfo): void {
    const entry = this.create(info)
    entry.asleep = true
    this.add(entry)
  }

  /**
   * Open a share that was remembered from an earlier run; at once for all others. Who reads it for longer than this call
   * holds it.
   *
   * @throws NotStartedError when the share was closed; what `Library.wake` throws.
   */
  async wake(entry: Entry): Promise<void> {
    const { signal } = entry.abort
    signal.throwIfAborted()
    if (entry.asleep) {
      entry.waking ??= this.#open(entry)
    }
    await entry.waking
    signal.throwIfAborted() // one that is closed must not take the place of another
    this.#awake.use(entry)
  }

  /** The same, and it stays open until what this resolves with is called, once or more. */
  async hold(entry: Entry): Promise<() => void> {
    let held = 1
    entry.uses++
    const release = (): void => {
      entry.uses -= held
      held = 0
    }
    try {
      await this.wake(entry)
      return release
    } catch (error) {
      release()
      throw error
    }
  }

  /** The same while `action` runs. */
  async use<Result>(entry: Entry, action: () => Promise<Result>): Promise<Result> {
    const release = await this.hold(entry)
    try {
      return await action()
    } finally {
      release()
    }
  }

  /** A peer came for it. What is in the way of opening it is looked after; does not wait. */
  rouse(entry: Entry): void {
    this.wake(entry).catch((error: unknown) => {
      this.#report(entry, asError(error))
    })
  }

  /** Nobody is served, and it can be opened again. */
  #maySleep(entry: Entry): boolean {
    const isOurs = this.#init.library.remembers && this.get(entry.root) === entry && entry.content?.source !== undefined
    const isUsed = entry.uses > 0 || entry.swarm.members.length > 0 || this.#faults.isBusy(entry)
    return isOurs && !isUsed && !isFetching(entry)
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

  /** A block of a share that is here. What is in the way of reading it is looked after. */
  async block(cid: CID, root: CID): Promise<Uint8Array | undefined> {
    const entry = this.get(root)
    if (entry === undefined) {
      return undefined
    }
    try {
      return await this.use(entry, async () => blockOf(entry, cid))
    } catch (error) {
      this.#report(entry, asError(error))
      throw error
    }
  }

  /** Of a share that is open only what may be about its files counts; one that could not be opened is not served. */
  #report(entry: Entry, error: Error): void {
    if (entry.asleep || error instanceof SourceChangedError || mayPass(error)) {
      entry.events.failed(error)
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
    void this.close(entry, 'the source changed').then(async () => this.stopProviding(entry.root))
  }

  /** Read and hash all of a share; one that is damaged is withdrawn. */
  async verify(root: CID, options: VerifyOptions): Promise<VerifyReport> {
    const entry = this.get(root)
    if (entry === undefined) {
      throw new NotStartedError(`${root.toString()} is not shared here`)
    }
    return this.#verify(entry, options)
  }

  /** One that cannot be opened is not kept from sleep by who tries. */
  async #verify(entry: Entry, options: VerifyOptions): Promise<VerifyReport> {
    entry.uses++
    try {
      return await this.#faults.verify(entry, options)
    } finally {
      entry.uses--
    }
  }

  /** One pass over everything that is complete here. */
  async scrub(options: ScrubRun): Promise<ScrubReport> {
    const pass = {
      entries: () => this.#entries.values(),
      library: this.#init.library,
      faults: this.#faults,
      hold: async (entry: Entry) => this.hold(entry),
      verify: async (entry: Entry, verify: VerifyOptions) => this.#verify(entry, verify)
    }
    return scrubShares(pass, options)
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

  /** For good, with what is parked for it. Never rejects: what was not written in the end is fetched or hashed again. */
  async close(entry: Entry, reason: string): Promise<void> {
    this.#awake.forget(entry)
    const present = this.get(entry.root)
    if (present === entry) {
      this.#entries.delete(entry.root.toString())
    } else if (present?.former === entry) {
      delete present.former
    }
    try {
      await closeEntry(entry, reason)
    } catch (error) {
      this.#init.log.error('closing %c failed - %e', entry.root, error)
    }
  }

  async closeAll(reason: string): Promise<void> {
    await Promise.all([...this.#entries.values()].map(async (entry) => this.close(entry, reason)))
  }

  async #open(entry: Entry): Promise<void> {
    try {
      const { signal } = entry.abort
      const open = await this.#init.library.wake(entry.root, { signal })
      if (signal.aborted) {
        await releaseFiles(open)
        signal.throwIfAborted()
      }
      Object.assign(entry, open, { asleep: false })
      entry.swarm.activate(open.content)
      this.#faults.opened(entry)
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
