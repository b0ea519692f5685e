import { anySignal } from 'any-signal'
import type { CID } from 'multiformats/cid'
import { blockKindOf } from '../block-kind.ts'
import type { Downloads } from '../downloads.ts'
import { privateView } from '../private/private-view.ts'
import { requireSameKey } from '../private/same-key.ts'
import { blockOf, heldIndex } from '../share/content.ts'
import type { Entry } from '../share/entry.ts'
import type { ReadOptions } from '../types.ts'
import { unlessAborted } from '../unless-aborted.ts'
import { publicView } from '../view.ts'
import { heldFeed, joinedFeed } from './feed.ts'
import type { Feed, Use } from './feed.ts'
import { INTERRUPTED } from './joining.ts'
import { checkRange, planRead } from './plan.ts'
import { streamLeaves } from './stream-leaves.ts'
import { Temporaries } from './temporaries.ts'
import type { TemporariesInit } from './temporaries.ts'

/** Sources of one read that ended in a row, without a byte from any: then it gives up. */
const MAX_INTERRUPTIONS = 3

export interface ReadsInit extends TemporariesInit {
  /** What `get` fetches. */
  readonly downloads: Pick<Downloads, 'has' | 'running'>
}

/** Who reads what: from a share that is here, from a download that runs, or from one that is begun for it. */
export class Reads {
  readonly #init: ReadsInit
  readonly #temporaries: Temporaries

  constructor(init: ReadsInit) {
    this.#init = init
    this.#temporaries = new Temporaries(init)
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
        // what is over fails in many ways at once
        const isInterrupted = error === INTERRUPTED || feed.over?.reason === INTERRUPTED
        if (!isInterrupted || interruptions > MAX_INTERRUPTIONS) {
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
    await this.#temporaries.close(root)
  }

  async stop(): Promise<void> {
    await this.#temporaries.stop()
  }

  async #open(root: CID, options: ReadOptions): Promise<Use> {
    const { downloads } = this.#init
    const signal = anySignal([options.signal, this.#init.stopping()])
    try {
      for (;;) {
        const finding = this.#find(root, options)
        const use = await unlessAborted(finding, signal).catch((error: unknown) => {
          // who gave up holds nothing, also when it is found later
          finding.then((late) => late?.release()).catch(() => undefined)
          throw error
        })
        if (use !== undefined) {
          return use
        }
        // nothing is waited for from here on until all know that it is read: a root is fetched once at a time
        if (!downloads.has(root)) {
          const obstacle = this.#temporaries.obstacle(root, options.secret)
          if (obstacle === undefined) {
            return await this.#temporaries.join(root, options, signal)
          }
          await unlessAborted(obstacle, signal)
        }
      }
    } finally {
      signal.clear()
    }
  }

  /** Where it can be read without being fetched for that. */
  async #find(root: CID, options: ReadOptions): Promise<Use | undefined> {
    const { shares, downloads } = this.#init
    const running = await downloads.running(root)
    if (running !== undefined) {
      requireSameKey(root, running.secret, options.secret)
      const joined = await running.fetch.joining.opened
      return { feed: joinedFeed(running.entry, running.fetch, joined), release: () => undefined }
    }
    const entry = shares.get(root)
    return entry === undefined || entry.isTemporary === true ? undefined : this.#held(entry, options)
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
}
