import { setTimeout as sleep } from 'node:timers/promises'
import type { AbortOptions } from '@libp2p/interface'
import { verifyLeaf } from '../leaf-block.ts'
import type { ScrubCursor, ScrubState } from '../store/scrub-state.ts'
import type { ScrubReport } from '../types.ts'
import type { DamagedFile } from '../store/verify-content.ts'
import type { Content } from './content.ts'
import type { Entry } from './entry.ts'
import { scrubOrder } from './scrub-order.ts'

/** Leaves between two notes of how far it is: as many may be read again by the next process. */
const NOTE_EVERY = 64

/** What reading a share came to; `gone`: somebody closed it before its end. */
export type ScrubOutcome = 'right' | 'damaged' | 'unreadable' | 'gone'

export interface ScrubberInit {
  /** Complete shares, in the order of their roots. */
  shares(): readonly Entry[]
  /** Open a share, and keep it so until the function is called that this resolves with. */
  hold(entry: Entry): Promise<() => void>
  /** Where an earlier pass stopped, and when the last one ended. */
  load(): Promise<ScrubState>
  /** Never rejects: what is in the way of a note is not in the way of reading. */
  save(state: ScrubState): Promise<void>
  /** Leaves do not match their hash: the share is not to be served. */
  damaged(entry: Entry, files: readonly DamagedFile[]): void
  /** What is to be said of a share that was closed before its turn, or while it was read. */
  closed(entry: Entry): ScrubOutcome
  /** A share could not be read. It may only look changed: then it was read in another way, to its end. */
  unreadable(entry: Entry, error: unknown, options: AbortOptions): Promise<ScrubOutcome>
}

export interface ScrubRun extends AbortOptions {
  /** Most bytes a second that are read. */
  readonly bytesPerSecond: number
  readonly onProgress?: ((report: ScrubReport) => void) | undefined
  /** Resolves when a leaf may be read. @default at once */
  readonly ready?: (signal: AbortSignal | undefined) => Promise<void>
}

/** What happens around each leaf: nothing of it says anything about the share. */
interface Pace extends AbortOptions {
  ready(): Promise<void>
  note(cursor: ScrubCursor): Promise<void>
  read(bytes: number): Promise<void>
}

/** Reads what is shared, slowly, and compares it with its hashes: disks rot without a word. */
export class Scrubber {
  readonly #init: ScrubberInit

  constructor(init: ScrubberInit) {
    this.#init = init
  }

  /** One pass over all shares, from where the last one stopped. What is damaged is told as it is found. */
  async pass({ signal, bytesPerSecond, onProgress, ready }: ScrubRun): Promise<ScrubReport> {
    const { cursor: found, ...before } = await this.#init.load()
    const seed = found?.seed ?? Math.floor(Math.random() * 2 ** 32)
    const report = { shares: 0, bytes: 0, damaged: 0, unreadable: 0 }
    const pace: Pace = {
      ...(signal && { signal }),
      ready: async () => ready?.(signal),
      note: async (cursor) => this.#init.save({ ...before, cursor }),
      read: async (bytes) => {
        report.bytes += bytes
        onProgress?.({ ...report })
        await sleep((bytes / bytesPerSecond) * 1000, undefined, { ...(signal && { signal }), ref: false })
      }
    }
    for (const entry of this.#init.shares()) {
      const root = entry.root.toString()
      if (found === undefined || root >= found.root) {
        const at = found?.root === root ? found.at : 0
        const outcome = await this.#scrub(entry, { seed, root, at }, pace)
        report.shares += outcome === 'gone' ? 0 : 1
        report.damaged += outcome === 'damaged' ? 1 : 0
        report.unreadable += outcome === 'unreadable' ? 1 : 0
      }
    }
    await this.#init.save({ since: Date.now() })
    return report
  }

  /** All that is left of a share. */
  async #scrub(entry: Entry, start: ScrubCursor, pace: Pace): Promise<ScrubOutcome> {
    let release: () => void
    try {
      release = await this.#init.hold(entry)
    } catch (error) {
      return this.#unreadable(entry, error, pace)
    }
    try {
      const leafCount = entry.content?.map.leafCount ?? 0
      const order = scrubOrder(leafCount, start.seed)
      for (let at = start.at; at < leafCount; at++) {
        if (at % NOTE_EVERY === 0) {
          await pace.note({ ...start, at })
        }
        const outcome = await this.#look(entry, order.leaf(at), pace)
        if (outcome !== undefined) {
          return outcome
        }
      }
      return 'right'
    } finally {
      release()
    }
  }

  /** Read one leaf; `undefined`: it is right, or not here. */
  async #look(entry: Entry, leaf: number, pace: Pace): Promise<ScrubOutcome | undefined> {
    if (entry.content?.store.has(leaf) === true) {
      await pace.ready()
    }
    for (;;) {
      const { content } = entry
      if (content === undefined || entry.abort.signal.aborted) {
        return this.#init.closed(entry)
      }
      if (!content.store.has(leaf)) {
        return undefined
      }
      let bytes: Uint8Array
      try {
        bytes = await content.store.read(leaf)
      } catch (error) {
        if (entry.content === content) {
          return this.#unreadable(entry, error, pace)
        }
        continue // it was opened anew meanwhile
      }
      if (!verifyLeaf(content.map, leaf, bytes)) {
        this.#init.damaged(entry, [damageOf(content, leaf)])
        return 'damaged'
      }
      await pace.read(bytes.byteLength)
      return undefined
    }
  }

  async #unreadable(entry: Entry, error: unknown, { signal }: Pace): Promise<ScrubOutcome> {
    signal?.throwIfAborted()
    return entry.abort.signal.aborted
      ? this.#init.closed(entry)
      : this.#init.unreadable(entry, error, { ...(signal && { signal }) })
  }
}

function damageOf({ map }: Content, leaf: number): DamagedFile {
  const { file, offset } = map.position(leaf)
  return { path: map.files[file]?.path ?? '', problem: `does not match its hash at byte ${offset}` }
}
