import { mkdtemp, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { DownloadMonitor } from '../download.ts'
import { learnFrom } from '../fetch/map-phase.ts'
import type { Known } from '../fetch/map-phase.ts'
import { emptyContent } from '../fetch/prepare-content.ts'
import { inlineLeaf } from '../inline-leaves.ts'
import type { BuiltLeafMap } from '../leaf-map-compact.ts'
import type { ShareSecret } from '../private/secret.ts'
import { heldIndex } from '../share/content.ts'
import type { Content } from '../share/content.ts'
import type { Entry } from '../share/entry.ts'
import { openDownloadStore } from '../store/download-store.ts'
import type { DownloadStore } from '../store/download-store.ts'
import { requireSpace } from '../store/free-space.ts'
import { nodeFs } from '../store/fs.ts'
import { openNodeStore } from '../store/node-file.ts'
import type { NodeStore } from '../store/node-store.ts'
import { makePartial, partialPath } from '../store/partial.ts'
import type { View } from '../view.ts'
import { hurry } from './feed.ts'
import type { Feed } from './feed.ts'
import { Joining } from './joining.ts'
import { LeafReader } from './leaf-reader.ts'
import { Windows } from './windows.ts'

/** Of the content, which never gets this name: it goes away with its directory. */
export const TEMPORARY_NAME = 'content'

/** Of its directory, then the process. */
export const TEMPORARY_PREFIX = 'p2pshare-read-'

export interface TemporaryInit {
  readonly entry: Entry
  readonly monitor: DownloadMonitor
  /** Of a private share. */
  readonly secret: ShareSecret | undefined
  readonly rootBlock: Promise<Uint8Array | undefined> | undefined
  /** Ends it. */
  readonly signal: AbortSignal
  /** In which it makes a directory of its own. */
  readonly directory: string
}

interface Opened {
  readonly map: BuiltLeafMap
  readonly view: View
  readonly store: DownloadStore
  readonly nodes: NodeStore
  readonly content: Content
}

/**
 * A download of no more than what somebody reads, into a directory that goes away with it. While it lasts it is like any
 * other: what is here is hashed, served to others, and not fetched again when a reader comes back to it.
 */
export class TemporaryDownload {
  readonly joining = new Joining()
  readonly #init: TemporaryInit
  #opened: Opened | undefined
  #directory: string | undefined
  readonly #windows = new Windows()
  /** Sessions have been told what is wanted. */
  #isActive = false

  constructor(init: TemporaryInit) {
    this.#init = init
  }

  /** Until the signal ends it, or nothing comes any more; readers hear why. */
  async run(): Promise<void> {
    const { entry, monitor, signal } = this.#init
    try {
      this.#opened = await this.#open()
      this.joining.open({ view: this.#opened.view, leaves: monitor.leaves })
      for (;;) {
        if (entry.swarm.missing === 0) {
          monitor.alive() // nobody waits for anything
        }
        await monitor.next(signal)
      }
    } catch (error) {
      this.joining.end(signal.aborted ? undefined : error)
    }
  }

  /** What is here, when nobody uses it any more. Never rejects: the next start of a node looks for what is left. */
  async discard(): Promise<void> {
    if (this.#directory !== undefined) {
      await rm(this.#directory, { recursive: true, force: true }).catch(() => undefined)
    }
  }

  /** Resolves when the map is known. */
  async feed(): Promise<Feed> {
    const { entry } = this.#init
    const { view, leaves } = await this.joining.opened
    const reader = new LeafReader({ entry, view, leaves })
    return {
      layout: view.layout,
      over: this.joining.over,
      begin: async () => undefined,
      need: async (owner, window) => {
        await this.#want(owner, window)
        hurry(entry, reader, owner, window)
      },
      leaf: async (leaf, signal) => reader.leaf(leaf, signal),
      end: (owner) => {
        this.#windows.delete(owner)
        this.#choose()
        entry.swarm.wishes.setDeadline(owner, undefined)
      }
    }
  }

  async #open(): Promise<Opened> {
    const { entry, directory, signal } = this.#init
    await mkdir(directory, { recursive: true, mode: 0o700 })
    this.#directory = await mkdtemp(join(directory, `${TEMPORARY_PREFIX}${process.pid}-`))
    const target = join(this.#directory, TEMPORARY_NAME)
    const partial = partialPath(target)
    const places = await makePartial(nodeFs, partial)
    const nodes = await openNodeStore(places.nodes, { root: entry.root, signal })
    entry.nodes = nodes
    const { map, view } = await this.#learn(nodes)
    const verify = (index: number, bytes: Uint8Array): boolean => view.verify(index, bytes)
    const opened = await openDownloadStore(view.layout, { partial, target, verify, files: new Set(), signal })
    const store = view.download(opened)
    const content = { ...emptyContent(map, store), grows: true }
    const { kind, totalBytes: bytes, files } = view.layout
    entry.info = { ...entry.info, kind, bytes, files: files.length, leaves: map.leafCount }
    entry.content = content
    return { map, view, store, nodes, content }
  }

  async #learn(nodes: NodeStore): Promise<Known> {
    const { entry, monitor, secret, rootBlock, signal } = this.#init
    const options = { signal, ...(secret && { secret }) }
    const learning = learnFrom(nodes, { entry, monitor, options, rootBlock })
    for (;;) {
      const step = await learning.next() // nobody hears what happens meanwhile
      if (step.done === true) {
        return step.value
      }
    }
  }

  /** The reader needs these leaves, and no others any more. */
  async #want(reader: object, window: readonly number[]): Promise<void> {
    const opened = this.#opened
    if (opened === undefined) {
      return
    }
    const { map, store, content, nodes } = opened
    const open = window.filter((leaf) => heldIndex(content, leaf) === undefined)
    if (open.length > 0) {
      const bytes = open.reduce((sum, leaf) => sum + map.leafBytes(leaf), 0)
      await requireSpace(nodeFs, this.#init.directory, bytes)
      store.add(open) // before anybody is asked for them
    }
    for (const leaf of open) {
      const data = await inlineLeaf(map, (cid) => nodes.get(cid), leaf)
      if (data !== undefined) {
        await store.write(leaf, data)
        this.#init.monitor.leaves.wake()
      }
    }
    this.#windows.set(
      reader,
      open.map((leaf) => map.canonical(leaf))
    )
    this.#choose()
  }

  /** Peers are told what readers need, and that they need no more. */
  #choose(): void {
    const { entry, monitor, signal } = this.#init
    const content = this.#opened?.content
    if (content === undefined || signal.aborted) {
      return
    }
    const { more, less } = this.#windows.change((leaf) => heldIndex(content, leaf) !== undefined)
    if (more.length + less.length === 0) {
      return
    }
    more.forEach((leaf) => content.wants.set(leaf))
    less.forEach((leaf) => content.wants.clear(leaf))
    if (this.#isActive) {
      entry.swarm.choose({ wants: content.wants, more, less })
    } else if (more.length > 0) {
      more.forEach((leaf) => content.missing.set(leaf))
      this.#isActive = true
      entry.swarm.activate(content)
    }
    monitor.wake() // there are peers to look for
  }
}
