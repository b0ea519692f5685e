import { anySignal } from 'any-signal'
import type { CID } from 'multiformats/cid'
import { blockKindOf } from '../block-kind.ts'
import type { Fetch } from '../fetch.ts'
import type { Launcher } from '../launch.ts'
import { privateView } from '../private/private-view.ts'
import { blockOf, heldIndex } from '../share/content.ts'
import type { Entry } from '../share/entry.ts'
import type { Shares } from '../share/shares.ts'
import type { ReadOptions } from '../types.ts'
import { publicView } from '../view.ts'
import { releaseFiles } from '../share/entry.ts'
import { heldFeed, joinedFeed } from './feed.ts'
import type { Feed } from './feed.ts'
import { INTERRUPTED } from './joining.ts'
import { checkRange, planRead } from './plan.ts'
import { streamLeaves } from './stream-leaves.ts'
import { TemporaryDownload } from './temporary.ts'

/** What was fetched for readers stays this long after the last one: a player that seeks comes back at once. */
export const READ_LINGER_MS = 30_000

/** Sources of one read that ended in a row, without a byte from any: then it gives up. */
const MAX_INTERRUPTIONS = 3

export interface ReadsInit {
  readonly shares: Shares
  readonly launcher: Launcher
  /** For what is read and not otherwise kept. */
  readonly directory: string
  /** The download of this root that a `get` runs, as soon as it is known whether there is one. */
  running(root: CID): Promise<{ readonly entry: Entry; readonly fetch: Fetch } | undefined>
  /** Aborted when the node stops. @throws NotStartedError */
  stopping(): AbortSignal
}

interface Temporary {
  readonly entry: Entry
  readonly download: TemporaryDownload
  /** Some of the share was here, and is served again afterwards. */
  readonly former: Entry | undefined
  /** Peers that a later reader knows. */
  readonly add: (options: ReadOptions) => void
  readers: number
  lingering?: NodeJS.Timeout
  readonly release: () => void
}

/** A place to read from, for one reader. */
interface Use {
  readonly feed: Feed
  readonly release: () => void
}

/** Who reads what: from a share that is here, from a download that runs, or from one that is begun for it. */
export class Reads {
  readonly #init: ReadsInit
  readonly #temporary = new Map<string, Temporary>()
  /** Those that are being closed. */
  readonly #ending = new Map<string, Promise<void>>()

  constructor(init: ReadsInit) {
    this.#init = init
  }

  async *read(root: CID, options: ReadOptions): AsyncGenerator<Uint8Array, void, undefined> {
    checkRange(options)
    blockKindOf(root) // another hash or codec: every honest peer would seem to send wrong bytes
    const { offset = 0, length } = options
    const reader = {}
    let done = 0
    for (let interruptions = 0; ;) {
      const left = { ...options, offset: offset + done, ...(length !== undefined && { length: length - done }) }
      const { feed, release } = await this.#open(root, left)
      const signal = anySignal([options.signal, this.#init.stopping(), feed.over])
      try {
        for await (const bytes of streamLeaves(feed, planRead(feed.layout, left), reader, signal)) {
          done += bytes.byteLength
          interruptions = 0
          yield bytes
        }
        return
      } catch (error) {
        interruptions++
        if (error !== INTERRUPTED || interruptions > MAX_INTERRUPTIONS) {
          throw error
        }
      } finally {
        signal.clear()
        release()
      }
    }
  }

  /** Something else is done with this root: those who read it look for it again. */
  async close(root: CID): Promise<void> {
    const temporary = this.#temporary.get(root.toString())
    await (temporary && this.#close(temporary))
    await this.#ending.get(root.toString())
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#temporary.values()].map(async (temporary) => this.#close(temporary)))
    await Promise.all(this.#ending.values())
  }

  async #open(root: CID, options: ReadOptions): Promise<Use> {
    const signal = anySignal([options.signal, this.#init.stopping()])
    try {
      signal.throwIfAborted()
      const running = await unlessAborted(this.#init.running(root), signal)
      if (running !== undefined) {
        const joined = await unlessAborted(running.fetch.joining.opened, signal)
        return { feed: joinedFeed(running.entry, running.fetch, joined), release: () => undefined }
      }
      const entry = this.#init.shares.get(root)
      const held = entry === undefined || entry.isTemporary === true ? undefined : await this.#held(entry, options)
      return held ?? (await this.#joinTemporary(root, options, signal))
    } finally {
      signal.clear()
    }
  }

  /** `undefined` when not all of it is here. */
  async #held(entry: Entry, options: ReadOptions): Promise<Use | undefined> {
    const release = await this.#init.shares.hold(entry)
    let feed: Feed | undefined
    try {
      feed = await this.#feedOf(entry, options)
      return feed && { feed, release }
    } finally {
      if (feed === undefined) {
        release()
      }
    }
  }

  async #feedOf(entry: Entry, { secret, ...options }: ReadOptions): Promise<Feed | undefined> {
    const { content } = entry
    if (content === undefined) {
      return undefined
    }
    const nodes = { get: async (cid: CID) => blockOf(entry, cid) }
    const view = secret === undefined ? publicView(content.map) : await privateView(content.map, nodes, secret)
    const { firstLeaf, endLeaf } = planRead(view.layout, options)
    for (let leaf = firstLeaf; leaf < endLeaf; leaf++) {
      if (heldIndex(content, leaf) === undefined) {
        return undefined
      }
    }
    return heldFeed(entry, view)
  }

  async #joinTemporary(root: CID, options: ReadOptions, signal: AbortSignal): Promise<Use> {
    const found = this.#temporary.get(root.toString())
    if (found?.download.joining.over.aborted === true || this.#ending.has(root.toString())) {
      await this.close(root)
    }
    const temporary = this.#temporary.get(root.toString())
    temporary?.add(options)
    const joined = temporary ?? this.#begin(root, options)
    joined.readers++
    clearTimeout(joined.lingering)
    const release = (): void => {
      joined.readers--
      if (joined.readers === 0) {
        joined.lingering = setTimeout(() => {
          void this.#close(joined)
        }, READ_LINGER_MS).unref()
      }
    }
    try {
      return { feed: await unlessAborted(joined.download.feed(), signal), release }
    } catch (error) {
      release()
      throw error
    }
  }

  #begin(root: CID, options: ReadOptions): Temporary {
    const { shares, launcher, directory } = this.#init
    const former = shares.get(root)
    if (former !== undefined) {
      shares.park(former, 'more of it is read')
    }
    const name = root.toString()
    const entry = shares.create({ root, name, path: directory, kind: 'file', bytes: 0, files: 0, leaves: 0 })
    entry.isTemporary = true
    const signal = anySignal([this.#init.stopping(), entry.abort.signal])
    const { monitor, rootBlock, add } = launcher.launch(entry, { ...options, signal })
    shares.add(entry)
    const download = new TemporaryDownload({ entry, monitor, rootBlock, signal, directory, secret: options.secret })
    const release = (): void => {
      signal.clear()
    }
    const temporary: Temporary = { entry, download, former, add, release, readers: 0 }
    this.#temporary.set(name, temporary)
    void download.run().then(async () => this.#close(temporary))
    return temporary
  }

  async #close(temporary: Temporary): Promise<void> {
    const key = temporary.entry.root.toString()
    if (this.#temporary.get(key) === temporary) {
      this.#temporary.delete(key)
      const ending = this.#end(temporary).finally(() => this.#ending.delete(key))
      this.#ending.set(key, ending)
    }
    await this.#ending.get(key)
  }

  async #end({ entry, download, former, lingering, release }: Temporary): Promise<void> {
    const { shares } = this.#init
    // somebody else may have closed it, to unshare it or to share it anew
    const isKnown = !entry.abort.signal.aborted && this.#isStarted
    clearTimeout(lingering)
    await shares.close(entry, 'nobody reads it')
    download.joining.end()
    release()
    await download.discard().catch(() => undefined) // the next start of a node looks for it
    if (former === undefined) {
      return
    }
    if (isKnown && shares.get(entry.root) === undefined) {
      shares.serveAgain(former)
    } else {
      await releaseFiles(former)
    }
  }

  get #isStarted(): boolean {
    try {
      return !this.#init.stopping().aborted
    } catch {
      return false
    }
  }
}

/** Rejects with the signal's reason when that comes first. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const onAbort = (): void => {
    aborted.reject(signal.reason)
  }
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    signal.throwIfAborted()
    return await Promise.race([promise, aborted.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
