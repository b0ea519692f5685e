import { access } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { CID } from 'multiformats/cid'
import type { Discovery } from './share/discovery.ts'
import type { DownloadMonitor } from './download.ts'
import { LeafNotFoundError } from '@p2pshare/interface'
import { NothingSelectedError, TargetExistsError } from './errors.ts'
import { inlineLeaves } from './inline-leaves.ts'
import { buildLeafMap } from './leaf-map-build.ts'
import type { BuiltLeafMap } from './leaf-map-compact.ts'
import type { LeafMap } from './leaf-map.ts'
import { neededNodes } from './needed-nodes.ts'
import { checkDistinct, checkName, pathsOf } from './paths.ts'
import { manifestNodes } from './private/manifest-nodes.ts'
import { privateView } from './private/private-view.ts'
import { selectFiles } from './select.ts'
import { heldIndex, seedContent } from './share/content.ts'
import type { Content } from './share/content.ts'
import type { Entry, ShareInfo } from './share/entry.ts'
import { copyInnerNodes } from './share/inner-nodes.ts'
import type { Library } from './share/library.ts'
import { NodeExchange } from './share/node-exchange.ts'
import { createFingerprints } from './store/fingerprint.ts'
import type { Fingerprints } from './store/fingerprint.ts'
import { compareTarget } from './store/compare-target.ts'
import { openDownloadStore } from './store/download-store.ts'
import type { DownloadStore } from './store/download-store.ts'
import { DiskPatience } from './disk-patience.ts'
import { missingBytes, requireSpace } from './store/free-space.ts'
import { nodeFs } from './store/fs.ts'
import { memoryNodeStore } from './store/memory-node-store.ts'
import { mountOf } from './store/mount.ts'
import type { Mount } from './store/mount.ts'
import { openNodeStore } from './store/node-file.ts'
import type { NodeStore } from './store/node-store.ts'
import { discardPartial, makePartial, partialPath, partialPaths } from './store/partial.ts'
import { mayPass } from './store/patience.ts'
import { openSeedStore } from './store/seed-store.ts'
import { Bitfield } from './swarm/bitfield.ts'
import type { GetOptions, TransferEvent } from './types.ts'
import { publicView } from './view.ts'
import type { View } from './view.ts'

/** The inner nodes of an unfinished download, beside its journal. */
const NODES_FILE = 'nodes.car'

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

/** Where the content of `root` goes. Throws `UnsafePathError` for a name that must not be a path. */
export function targetOf(root: CID, options: GetOptions): { name: string; target: string } {
  const name = checkName(options.name ?? root.toString())
  return { name, target: resolve(options.output ?? '.', name) }
}

/** Indices of the files that `select` chooses; `undefined`: all. */
export function filesOf(map: LeafMap, { select }: GetOptions): ReadonlySet<number> | undefined {
  return select === undefined || select.length === 0 ? undefined : new Set(selectFiles(map.files, select))
}

/** One download from its first peer to its last byte (SPEC.md#downloading): map, target, leaves, final name. */
export class Fetch {
  readonly #init: FetchInit
  readonly #target: string
  readonly #partial: string
  /** Where the partial directory is: not to be made again below a disk that was pulled out. */
  #mount: Mount | undefined

  /** Known with the map. */
  #view: View | undefined

  constructor(init: FetchInit) {
    this.#init = init
    this.#target = init.entry.info.path
    this.#partial = partialPath(this.#target)
  }

  async *run(): AsyncGenerator<TransferEvent, void, undefined> {
    try {
      yield* this.#run()
    } catch (error) {
      const { root } = this.#init.entry
      const { seconds, traffic, sources } = this.#init.monitor
      yield { type: 'failed', root, error, seconds, traffic, sources }
      throw error
    }
  }

  async *#run(): AsyncGenerator<TransferEvent, void, undefined> {
    const { entry, discovery } = this.#init
    yield { type: 'started', root: entry.root, name: entry.info.name }
    const nodes = await this.#openNodes()
    try {
      yield* this.#fetchNodes(nodes)
    } catch (error) {
      await this.#discardUnlessStarted()
      throw error
    }
    const map = await this.#buildMap(nodes)
    this.#view = await this.#openView(map, nodes).catch(async (error: unknown) => {
      await this.#discardUnlessStarted()
      throw error
    })
    const { layout } = this.#view
    const files = filesOf(layout, this.#init.options)
    if (files?.size === 0) {
      await this.#discardUnlessStarted()
      throw new NothingSelectedError(this.#init.options.select ?? [])
    }
    if (map.symlinks.length > 0) {
      yield { type: 'warning', message: `left out: ${map.symlinks.length} symbolic link(s)` }
    }
    checkDistinct(pathsOf(layout, files))
    if (await this.#adopt(map, files)) {
      yield* this.#done(map, files)
      return
    }
    const store = await this.#openStore(map, files)
    const content = await this.#prepareOrClose(map, store, nodes)
    const known = this.#mapEvent(map, content, files)
    entry.content = content
    entry.swarm.activate(content)
    yield known
    discovery.provide()
    yield* this.#fetchLeaves(map, store, files)
    this.#tellSource(files)
    yield* this.#done(map, files)
  }

  /** What is on the disk can be hashed as it is; not that of a private share, which its DAG has only sealed. */
  #tellSource(files: ReadonlySet<number> | undefined): void {
    const { entry, options } = this.#init
    if (entry.content !== undefined && options.secret === undefined) {
      entry.content = { ...entry.content, source: { path: this.#target, ...(files && { files }) } }
    }
  }

  /** Until all of it has its final name. What turns out to be damaged on the disk by then is fetched again. */
  async *#fetchLeaves(
    map: BuiltLeafMap,
    opened: DownloadStore,
    files: ReadonlySet<number> | undefined
  ): AsyncGenerator<TransferEvent, void, undefined> {
    let store = opened
    for (let repairs = 0; ; repairs++) {
      store = yield* this.#fetchMissing(map, store, files)
      yield this.#init.monitor.progress()
      try {
        yield* this.#completeWhenItCan(map, store, files)
        return
      } catch (error) {
        if (!(error instanceof LeafNotFoundError) || repairs >= MAX_REPAIRS) {
          throw error
        }
      }
      yield { type: 'warning', message: 'something changed the unfinished download: what is damaged is fetched again' }
      await this.#beginAgain(map, store, files)
    }
  }

  /** Until nothing is missing, whatever the disk says meanwhile; the store that is open in the end. */
  async *#fetchMissing(
    map: BuiltLeafMap,
    opened: DownloadStore,
    files: ReadonlySet<number> | undefined
  ): AsyncGenerator<TransferEvent, DownloadStore, undefined> {
    const { entry, monitor } = this.#init
    let store = opened
    const patience = new DiskPatience(this.#init.options)
    for (;;) {
      try {
        while (entry.swarm.missing > 0) {
          yield* this.#pass()
        }
        return store
      } catch (error) {
        if (!mayPass(error)) {
          throw error
        }
        await entry.swarm.pause('the disk refuses')
        // all is noted: what cannot be closed well is hashed again
        await store.close().catch(() => undefined)
        const retrying = patience.retry(error, store.haveCount, async () => {
          await this.#mount?.require()
          const reopened = await this.#openStore(map, files)
          try {
            monitor.forgive()
            await this.#beginAgain(map, reopened, files)
            return reopened
          } catch (failure) {
            await reopened.close().catch(() => undefined)
            throw failure
          }
        })
        store = yield* monitor.paused(retrying)
      }
    }
  }

  async *#completeWhenItCan(
    map: BuiltLeafMap,
    store: DownloadStore,
    files: ReadonlySet<number> | undefined
  ): AsyncGenerator<TransferEvent, void, undefined> {
    const complete = async (): Promise<void> => this.#complete(map, store, files)
    try {
      await complete()
    } catch (error) {
      if (!mayPass(error)) {
        throw error
      }
      const { monitor, options } = this.#init
      yield* monitor.paused(new DiskPatience(options).retry(error, store.haveCount, complete))
    }
  }

  /** Fetch what the store lacks, as if the map had just become known. */
  async #beginAgain(map: BuiltLeafMap, store: DownloadStore, files: ReadonlySet<number> | undefined): Promise<void> {
    const { entry } = this.#init
    if (this.#remembers) {
      await entry.nodes?.close()
      await this.#openNodes() // of the unfinished download: the final ones lack what is in the files
    }
    if (entry.nodes === undefined) {
      return
    }
    // peers were told that nothing is wanted
    await entry.swarm.pause('some of it is fetched again')
    const content = await this.#prepare(map, store, entry.nodes)
    this.#mapEvent(map, content, files)
    entry.content = content
    entry.swarm.activate(content)
  }

  async #openNodes(): Promise<NodeStore> {
    const { entry, options } = this.#init
    const { directory } = await makePartial(nodeFs, this.#partial)
    this.#mount ??= await mountOf(nodeFs, directory)
    // a node that remembers nothing serves from memory: the partial directory goes away in the end
    entry.nodes = this.#remembers
      ? await openNodeStore(join(directory, NODES_FILE), { root: entry.root, ...withSignal(options) })
      : memoryNodeStore()
    return entry.nodes
  }

  async *#fetchNodes(nodes: NodeStore): AsyncGenerator<TransferEvent, void, undefined> {
    const { entry, monitor, options } = this.#init
    const more = options.secret === undefined ? undefined : manifestNodes()
    const exchange = new NodeExchange(entry.root, {
      nodes,
      needed: (cid, block) => [...neededNodes(cid, block, checkName), ...(more?.(cid, block) ?? [])],
      now: () => performance.now(),
      stored: () => {
        monitor.alive()
      },
      drop: (peer) => {
        entry.swarm.drop(peer)
      }
    })
    entry.swarm.useExchange(exchange)
    const state = { settled: false }
    const finish = (): void => {
      state.settled = true
      monitor.wake()
    }
    exchange.done.then(finish, finish)
    await exchange.resume()
    void this.#init.rootBlock?.then((block) => {
      if (block !== undefined) {
        exchange.supply(entry.root, block)
      }
    })
    while (!state.settled) {
      yield* this.#pass()
    }
    await exchange.done
    await nodes.flush()
    entry.swarm.useExchange(undefined)
  }

  async #buildMap(nodes: NodeStore): Promise<BuiltLeafMap> {
    const { entry, options } = this.#init
    return buildLeafMap(entry.root, (cid) => nodes.get(cid), { checkName, ...withSignal(options) })
  }

  /** The key of a private share is not kept, so neither is the share. */
  get #remembers(): boolean {
    return this.#init.library.remembers && this.#init.options.secret === undefined
  }

  async #openView(map: BuiltLeafMap, nodes: NodeStore): Promise<View> {
    const { secret } = this.#init.options
    return secret === undefined ? publicView(map) : privateView(map, nodes, secret, withSignal(this.#init.options))
  }

  #viewOf(map: BuiltLeafMap): View {
    return this.#view ?? publicView(map)
  }

  /** The content may be there already; anything else there is never touched. */
  async #adopt(map: BuiltLeafMap, files: ReadonlySet<number> | undefined): Promise<boolean> {
    const view = this.#viewOf(map)
    const { layout } = view
    const verify = (index: number, bytes: Uint8Array): boolean => view.verify(index, bytes)
    const fingerprints = createFingerprints(layout.files.length)
    const chosen = { fingerprints, ...(files === undefined ? {} : { files }) }
    const found = await compareTarget(layout, this.#target, verify, { ...chosen, ...withSignal(this.#init.options) })
    if (found === 'absent') {
      return false
    }
    if (found === 'different') {
      await this.#discardUnlessStarted()
      throw new TargetExistsError(this.#target)
    }
    const store = view.serve(await openSeedStore(layout, this.#target, chosen))
    this.#init.entry.content = seedContent(map, store, { path: this.#target, ...(files && { files }) })
    this.#init.entry.swarm.activate(this.#init.entry.content)
    this.#init.discovery.provide()
    await this.#keepNodes(map)
    await discardPartial(this.#partial)
    await this.#remember(map, fingerprints, files)
    return true
  }

  async #openStore(map: BuiltLeafMap, files: ReadonlySet<number> | undefined): Promise<DownloadStore> {
    const view = this.#viewOf(map)
    const store = await openDownloadStore(view.layout, {
      partial: this.#partial,
      target: this.#target,
      verify: (index, bytes) => view.verify(index, bytes),
      ...(files === undefined ? {} : { files }),
      ...withSignal(this.#init.options)
    })
    return view.download(store)
  }

  async #prepareOrClose(map: BuiltLeafMap, store: DownloadStore, nodes: NodeStore): Promise<Content> {
    try {
      await requireSpace(nodeFs, this.#partial, missingBytes(map, store))
      return await this.#prepare(map, store, nodes)
    } catch (error) {
      await store.close() // nobody else knows of it yet, and it holds the lock of its place
      throw error
    }
  }

  /** What is already known of the content goes into the store; the rest is missing. */
  async #prepare(map: BuiltLeafMap, store: DownloadStore, nodes: NodeStore): Promise<Content> {
    const wants = new Bitfield(map.leafCount)
    const missing = new Bitfield(map.leafCount)
    const places = (leaf: number): number[] => map.twins(leaf).filter((twin) => store.wants(twin) && !store.has(twin))
    const content: Content = { map, store, missing, wants, places }
    const { monitor } = this.#init
    const { signal } = this.#init.options
    for await (const { index, data } of inlineLeaves(map, (cid) => nodes.get(cid), withSignal(this.#init.options))) {
      // its twins are inline too and come by themselves
      if (store.wants(index) && !store.has(index)) {
        await store.write(index, data, { ...(signal && { signal }) })
        monitor.alive()
      }
    }
    for (let leaf = 0; leaf < map.leafCount; leaf++) {
      if (!store.wants(leaf)) {
        continue
      }
      wants.set(map.canonical(leaf))
      if (!store.has(leaf)) {
        await this.#fill(content, leaf)
      }
    }
    return content
  }

  /** A leaf that is here under another index is copied; otherwise it is missing. */
  async #fill({ map, store, missing, ...content }: Content, leaf: number): Promise<void> {
    if (missing.has(map.canonical(leaf))) {
      return // looked for under an earlier index
    }
    const held = heldIndex({ map, store, missing, ...content }, leaf)
    if (held === undefined) {
      missing.set(map.canonical(leaf))
    } else {
      await store.write(leaf, await store.read(held))
    }
  }

  #mapEvent(map: BuiltLeafMap, content: Content, files: ReadonlySet<number> | undefined): TransferEvent {
    const { layout } = this.#viewOf(map)
    let bytesTotal = 0
    let bytesHave = 0
    for (let leaf = 0; leaf < layout.leafCount; leaf++) {
      if (content.wants.has(map.canonical(leaf)) && isChosen(layout, leaf, files)) {
        bytesTotal += map.leafBytes(leaf)
        bytesHave += content.store.has(leaf) ? map.leafBytes(leaf) : 0
      }
    }
    this.#init.monitor.begin(bytesTotal, bytesHave)
    const { name } = this.#init.entry.info
    return {
      type: 'map',
      name,
      files: files?.size ?? layout.files.length,
      leaves: layout.leafCount,
      bytesTotal,
      bytesHave
    }
  }

  async #complete(map: BuiltLeafMap, store: DownloadStore, files: ReadonlySet<number> | undefined): Promise<void> {
    await this.#keepNodes(map)
    await store.complete(withSignal(this.#init.options))
    await this.#remember(map, store.fingerprints, files)
  }

  /** Seeding goes on with the inner nodes in their final place. */
  async #keepNodes(map: BuiltLeafMap): Promise<void> {
    const { entry, library, options } = this.#init
    const { nodes } = entry
    const kept = options.seed === false || !this.#remembers ? undefined : library.nodesPath(entry.root)
    if (nodes !== undefined && kept !== undefined) {
      const final = await openNodeStore(kept, { root: entry.root })
      await copyInnerNodes(map, nodes, final)
      entry.nodes = final
      await nodes.close()
    }
  }

  async #remember(
    map: BuiltLeafMap,
    fingerprints: Fingerprints | undefined,
    files: ReadonlySet<number> | undefined
  ): Promise<void> {
    const { entry, library, options } = this.#init
    entry.info = this.#info(map)
    if (options.seed !== false && this.#remembers) {
      await library.remember(entry.info, fingerprints, files)
    }
  }

  /** Leave no empty directory behind, and nothing that was verified. What cannot be removed is found next time. */
  async #discardUnlessStarted(): Promise<void> {
    const { content, journal } = partialPaths(this.#partial)
    const found = await Promise.allSettled([access(content), access(journal)])
    if (found.every(({ status }) => status === 'rejected')) {
      await discardPartial(this.#partial).catch(() => undefined)
    }
  }

  async *#done(
    map: BuiltLeafMap,
    files: ReadonlySet<number> | undefined
  ): AsyncGenerator<TransferEvent, void, undefined> {
    const { entry, monitor } = this.#init
    const chosen = this.#viewOf(map).layout.files.filter((_, index) => files?.has(index) ?? true)
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

  #info(map: BuiltLeafMap): ShareInfo {
    const { info } = this.#init.entry
    const { kind, totalBytes: bytes, files } = this.#viewOf(map).layout
    return { ...info, kind, bytes, files: files.length, leaves: map.leafCount }
  }
}

function isChosen(map: LeafMap, leaf: number, files: ReadonlySet<number> | undefined): boolean {
  return files?.has(map.position(leaf).file) ?? true
}

function withSignal({ signal }: GetOptions): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal }
}
