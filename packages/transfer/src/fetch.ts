import { LeafNotFoundError } from '@p2pshare/interface'
import { DiskPatience, whenItCan } from './disk-patience.ts'
import type { DownloadMonitor } from './download.ts'
import { NotFetchingError, TargetExistsError } from './errors.ts'
import { adoptTarget } from './fetch/adopt.ts'
import { amountsOf, wasFetched } from './fetch/amounts.ts'
import type { Amounts } from './fetch/amounts.ts'
import type { Choice, Chosen } from './fetch/choice.ts'
import { Keeping } from './fetch/keeping.ts'
import { learnMap } from './fetch/map-phase.ts'
import type { Learned } from './fetch/map-phase.ts'
import { emptyContent, prepareContent } from './fetch/prepare-content.ts'
import type { ContentParts } from './fetch/prepare-content.ts'
import { reselect } from './fetch/reselect.ts'
import { Selecting } from './fetch/selecting.ts'
import type { BuiltLeafMap } from './leaf-map-compact.ts'
import { Presence } from './presence.ts'
import { Joining } from './read/joining.ts'
import { seedContent } from './share/content.ts'
import type { Content } from './share/content.ts'
import type { Discovery } from './share/discovery.ts'
import type { Entry } from './share/entry.ts'
import type { Library } from './share/library.ts'
import { openDownloadStore } from './store/download-store.ts'
import type { DownloadStore } from './store/download-store.ts'
import { missingBytes, requireSpace } from './store/free-space.ts'
import { nodeFs } from './store/fs.ts'
import { discardPartial, partialPath } from './store/partial.ts'
import { mayPass } from './store/patience.ts'
import type { GetOptions, TransferEvent } from './types.ts'
import type { View } from './view.ts'

/** Times that damage to the unfinished content is mended: after that, somebody keeps writing to it. */
export const MAX_REPAIRS = 2

export interface FetchInit {
  readonly entry: Entry
  readonly monitor: DownloadMonitor
  readonly discovery: Discovery
  readonly options: GetOptions
  /** Remembers the share when it is complete. */
  readonly library: Library
  /** The verified block of the root, if it can be had without a session. */
  readonly rootBlock?: Promise<Uint8Array | undefined>
}

/** A download whose map is known. */
interface Running extends Learned {
  readonly store: DownloadStore
}

/** One download from its first peer to its last byte (SPEC.md#downloading): map, target, leaves, final name. */
export class Fetch {
  readonly #init: FetchInit
  readonly #target: string
  readonly #partial: string
  readonly #keeping: Keeping
  /** Which files, and which first. */
  readonly #selecting: Selecting
  /** What leaves are fetched into, while they are. */
  readonly #running = new Presence<Running>()
  #amounts: Amounts = { bytesTotal: 0, bytesHave: 0 }
  /** For those who read what is fetched here. */
  readonly joining = new Joining()

  constructor(init: FetchInit) {
    this.#init = init
    this.#target = init.entry.info.path
    this.#partial = partialPath(this.#target)
    this.#keeping = new Keeping({ ...init, partial: this.#partial })
    this.#selecting = new Selecting(init.options, { apply: async (chosen) => this.#apply(chosen) })
  }

  /** Fetch something else, or something else first, from now on. @throws what `Transfer.choose` does */
  async choose(choice: Choice): Promise<void> {
    this.#requireOpen()
    await this.#selecting.change(choice)
  }

  /** Fetch this file too. */
  async include(file: number): Promise<void> {
    if (!this.#selecting.isClosed) {
      await this.#selecting.include(file)
    }
  }

  async *run(): AsyncGenerator<TransferEvent, void, undefined> {
    try {
      yield* this.#run()
    } catch (error) {
      const { root } = this.#init.entry
      const { seconds, traffic, sources } = this.#init.monitor
      this.joining.end(this.#init.options.signal?.aborted === true ? undefined : error)
      yield { type: 'failed', root, error, seconds, traffic, sources }
      throw error
    } finally {
      this.joining.end()
      this.#running.end(new NotFetchingError(this.#init.entry.root))
    }
  }

  async *#run(): AsyncGenerator<TransferEvent, void, undefined> {
    const { entry, discovery } = this.#init
    yield { type: 'started', root: entry.root, name: entry.info.name }
    const { chosen, ...learned } = yield* this.#learn()
    const { map, view } = learned
    if (chosen.order.sequential || chosen.order.urgency !== undefined) {
      entry.swarm.wishes.reorder(chosen.order)
    }
    const warnings = warningsOf(map)
    if (await this.#adopt(map, view)) {
      yield* warnings
      yield* this.#done(view)
      return
    }
    const running = yield* whenItCan(this.#init, 0, async () => this.#openContent(learned))
    yield* warnings
    this.joining.open({ view, leaves: this.#init.monitor.leaves })
    yield this.#mapEvent(running, this.#selecting.files)
    discovery.provide()
    yield* this.#fetchLeaves(running)
    this.#tellSource(view)
    yield* this.#done(view)
  }

  /** What the share consists of, and what of it is wanted. What leads to nothing leaves no directory behind. */
  async *#learn(): AsyncGenerator<TransferEvent, Learned & { readonly chosen: Chosen }, undefined> {
    try {
      const learned = yield* learnMap(this.#keeping, this.#init)
      return { ...learned, chosen: this.#selecting.open(learned.view.layout) }
    } catch (error) {
      await this.#keeping.discardUnlessStarted()
      throw error
    }
  }

  /** Begin to fetch what is missing. */
  #activate(running: Running, content: Content): Running {
    const { entry } = this.#init
    entry.content = content
    this.#count(running, content, this.#selecting.files)
    entry.swarm.activate(content)
    this.#init.monitor.leaves.wake() // more may be here than those who read could see
    this.#running.set(running)
    return running
  }

  /** Other files are chosen, or others first, as soon as leaves are fetched. */
  async #apply(chosen: Chosen): Promise<void> {
    this.#requireOpen()
    const { entry, monitor } = this.#init
    const running = await this.#reselect(chosen.files)
    monitor.say(this.#mapEvent(running, chosen.files))
    entry.swarm.wishes.reorder(chosen.order)
    monitor.leaves.wake()
    monitor.wake()
  }

  async #reselect(files: ReadonlySet<number> | undefined): Promise<Running> {
    const { entry } = this.#init
    for (;;) {
      const running = await this.#running.wait()
      const isOpen = (): boolean => this.#running.now === running
      const former = this.#selecting.files
      const { wants } = entry.content ?? emptyContent(running.map, running.store)
      const change = { files, former, wants, directory: this.#partial, swarm: entry.swarm, isOpen }
      const content = await reselect({ ...this.#parts(running), view: running.view, ...change }).catch(
        (error: unknown) => {
          if (isOpen()) {
            throw error
          }
        }
      )
      if (content !== undefined) {
        entry.content = content
        this.#count(running, content, files)
        return running
      }
    }
  }

  #requireOpen(): void {
    if (this.#selecting.isClosed) {
      throw new NotFetchingError(this.#init.entry.root)
    }
  }

  /** From here on what is on the disk can be looked at in place. */
  #tellSource(view: View): void {
    const { entry } = this.#init
    const { files } = this.#selecting
    if (entry.content !== undefined) {
      entry.content = { ...entry.content, source: { path: this.#target, view, ...(files && { files }) } }
    }
  }

  /** Until all of it has its final name. What turns out to be damaged on the disk by then is fetched again. */
  async *#fetchLeaves(opened: Running): AsyncGenerator<TransferEvent, void, undefined> {
    let running = opened
    for (let repairs = 0; ; repairs++) {
      running = yield* this.#fetchMissing(running)
      this.#closeSelection(running)
      yield this.#init.monitor.progress()
      try {
        yield* whenItCan(this.#init, running.store.haveCount, async () => this.#complete(running))
        return
      } catch (error) {
        if (!(error instanceof LeafNotFoundError) || repairs >= MAX_REPAIRS) {
          throw error
        }
      }
      yield { type: 'warning', message: 'something changed the unfinished download: what is damaged is fetched again' }
      running = await this.#beginAgain(running)
    }
  }

  /** What is chosen now is what there will be; a file that was chosen for a while stays if it is whole. */
  #closeSelection({ view, store }: Running): void {
    store.select(this.#selecting.close((file) => wasFetched(view.layout, store, file)))
  }

  /** Until nothing is missing, whatever the disk says meanwhile; what is open in the end. */
  async *#fetchMissing(opened: Running): AsyncGenerator<TransferEvent, Running, undefined> {
    const { entry, monitor } = this.#init
    let running = opened
    const patience = new DiskPatience(this.#init.options)
    for (;;) {
      try {
        while (entry.swarm.missing > 0 || this.#selecting.isChanging) {
          yield* this.#pass()
        }
        return running
      } catch (error) {
        if (!mayPass(error)) {
          throw error
        }
        const { store, view } = running
        this.#running.clear()
        await entry.swarm.pause('the disk refuses')
        // all is noted: what cannot be closed well is hashed again
        await store.close().catch(() => undefined)
        const retrying = patience.retry(error, store.haveCount, async () => {
          await this.#keeping.requireMount()
          const reopened = await this.#openStore(view)
          try {
            monitor.forgive()
            return await this.#beginAgain({ ...running, store: reopened })
          } catch (failure) {
            await reopened.close().catch(() => undefined)
            throw failure
          }
        })
        running = yield* monitor.paused(retrying)
      }
    }
  }

  /** Fetch what the store lacks, as if the map had just become known. */
  async #beginAgain(before: Running): Promise<Running> {
    const { entry } = this.#init
    this.#running.clear()
    const nodes = await this.#keeping.reopenNodes(before.nodes)
    // peers were told that nothing is wanted
    await entry.swarm.pause('some of it is fetched again')
    const running = { ...before, nodes }
    return this.#activate(running, await this.#prepare(running))
  }

  /** The content may be there already; anything else there is never touched. */
  async #adopt(map: BuiltLeafMap, view: View): Promise<boolean> {
    const { entry, discovery, monitor, options } = this.#init
    const { files } = this.#selecting
    const found = await adoptTarget(view, this.#target, files, withSignal(options))
    if (found === 'absent') {
      return false
    }
    if (found === 'different') {
      await this.#keeping.discardUnlessStarted()
      throw new TargetExistsError(this.#target)
    }
    this.#selecting.close(() => false)
    entry.content = seedContent(map, found.store, { path: this.#target, view, ...(files && { files }) })
    entry.swarm.activate(entry.content)
    this.joining.open({ view, leaves: monitor.leaves })
    discovery.provide()
    await this.#keeping.keepNodes(map, view)
    await discardPartial(this.#partial)
    await this.#keeping.remember(view, map, found.fingerprints, files)
    return true
  }

  async #openStore(view: View): Promise<DownloadStore> {
    const { files } = this.#selecting
    const store = await openDownloadStore(view.layout, {
      partial: this.#partial,
      target: this.#target,
      verify: (index, bytes) => view.verify(index, bytes),
      ...(files === undefined ? {} : { files }),
      ...withSignal(this.#init.options)
    })
    return view.download(store)
  }

  async #openContent(learned: Learned): Promise<Running> {
    await this.#keeping.requireMount()
    const store = await this.#openStore(learned.view)
    try {
      await requireSpace(nodeFs, this.#partial, missingBytes(learned.map, store))
      const running = { ...learned, store }
      return this.#activate(running, await this.#prepare(running))
    } catch (error) {
      await store.close() // nobody else knows of it yet, and it holds the lock of its place
      throw error
    }
  }

  async #prepare(running: Running): Promise<Content> {
    return prepareContent(this.#parts(running))
  }

  #parts({ map, store, nodes }: Running): ContentParts {
    const { monitor, options } = this.#init
    const alive = (): void => {
      monitor.alive()
    }
    return { map, store, nodes, alive, ...withSignal(options) }
  }

  #count({ view }: Running, content: Content, files: ReadonlySet<number> | undefined): void {
    this.#amounts = amountsOf(view.layout, content, files)
    this.#init.monitor.begin(this.#amounts.bytesTotal, this.#amounts.bytesHave)
  }

  #mapEvent({ view }: Running, files: ReadonlySet<number> | undefined): TransferEvent {
    const { name } = this.#init.entry.info
    const { leafCount: leaves } = view.layout
    return { type: 'map', name, files: files?.size ?? view.layout.files.length, leaves, ...this.#amounts }
  }

  async #complete({ map, view, store }: Running): Promise<void> {
    await this.#keeping.keepNodes(map, view)
    await store.complete(withSignal(this.#init.options))
    await this.#keeping.remember(view, map, store.fingerprints, this.#selecting.files)
  }

  async *#done({ layout }: View): AsyncGenerator<TransferEvent, void, undefined> {
    const { entry, monitor } = this.#init
    const chosen = layout.files.filter((_, index) => this.#selecting.files?.has(index) ?? true)
    yield {
      type: 'done',
      root: entry.root,
      bytes: chosen.reduce((sum, file) => sum + file.bytes, 0),
      bytesReceived: monitor.bytesReceived,
      seconds: monitor.seconds,
      output: this.#target,
      traffic: monitor.traffic,
      sources: monitor.sources
    }
  }

  async *#pass(): AsyncGenerator<TransferEvent, void, undefined> {
    const event = await this.#init.monitor.next(this.#init.options.signal)
    if (event !== undefined) {
      yield event
    }
  }
}

/** What is not made here. */
function warningsOf({ symlinks }: BuiltLeafMap): TransferEvent[] {
  return symlinks.length === 0 ? [] : [{ type: 'warning', message: `left out: ${symlinks.length} symbolic link(s)` }]
}

function withSignal({ signal }: GetOptions): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal }
}
