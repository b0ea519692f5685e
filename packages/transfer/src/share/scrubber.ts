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

export interface ScrubberInit {
  /** Complete shares, in the order of their roots. */
  shares(): readonly Entry[]
  /** Open a share that sleeps. */
  wake(entry: Entry): Promise<void>
  /** Where an earlier pass stopped, and when the last one ended. */
  load(): Promise<ScrubState>
  save(state: ScrubState): Promise<void>
  /** Leaves do not match their hash: the share is not to be served. */
  damaged(entry: Entry, files: readonly DamagedFile[]): void
  /** A share could not be read. Whether it is as it was shared all the same: a file may only look changed. */
  unreadable(entry: Entry, error: unknown, options: AbortOptions): Promise<boolean>
}

export interface ScrubRun extends AbortOptions {
  /** Most bytes a second that are read. */
  readonly bytesPerSecond: number
  readonly onProgress?: ((report: ScrubReport) => void) | undefined
  /** Resolves when a leaf may be read. @default at once */
  readonly ready?: (signal: AbortSignal | undefined) => Promise<void>
}

/** What happens around each leaf. */
interface Pace {
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
    const report = { shares: 0, bytes: 0, damaged: 0 }
    for (const entry of this.#init.shares()) {
      const root = entry.root.toString()
      if (found === undefined || root >= found.root) {
        const at = found?.root === root ? found.at : 0
        const isRight = await this.#scrub(
          entry,
          { seed, root, at },
          {
            ready: async () => ready?.(signal),
            note: async (cursor) => this.#init.save({ ...before, cursor }),
            read: async (bytes) => {
              report.bytes += bytes
              onProgress?.({ ...report })
              await sleep((bytes / bytesPerSecond) * 1000, undefined, { ...(signal && { signal }), ref: false })
            }
          }
        ).catch(async (error: unknown) => {
          signal?.throwIfAborted()
          // what the disk says of a share is about that one
          return this.#init.unreadable(entry, error, { ...(signal && { signal }) })
        })
        report.damaged += isRight ? 0 : 1
        report.shares++
      }
    }
    await this.#init.save({ since: Date.now() })
    return report
  }

  /** Whether all that is left of a share is right. */
  async #scrub(entry: Entry, start: ScrubCursor, pace: Pace): Promise<boolean> {
    await this.#init.wake(entry)
    const { content } = entry
    if (content === undefined) {
      return true
    }
    const { map, store } = content
    const order = scrubOrder(map.leafCount, start.seed)
    for (let at = start.at; at < map.leafCount; at++) {
      const leaf = order.leaf(at)
      if (at % NOTE_EVERY === 0) {
        await pace.note({ ...start, at })
      }
      if (store.has(leaf)) {
        await pace.ready()
        if (!verifyLeaf(map, leaf, await store.read(leaf))) {
          this.#init.damaged(entry, [damageOf(content, leaf)])
          return false
        }
        await pace.read(map.leafBytes(leaf))
      }
    }
    return true
  }
}

function damageOf({ map }: Content, leaf: number): DamagedFile {
  const { file, offset } = map.position(leaf)
  return { path: map.files[file]?.path ?? '', problem: `does not match its hash at byte ${offset}` }
}
