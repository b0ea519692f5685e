import { BLOCK_BYTES } from '../constants.ts'
import type { Run } from '../wire/codec.ts'
import { MAX_LEAF_BLOCKS } from '../wire/limits.ts'

/** Runs one peer may have waiting; the receiver's own window is far below it. */
export const MAX_QUEUED_RUNS = 2048

/**
 * Bytes one peer may have waiting. First come is first served, so this is also how long one peer can keep all others
 * waiting by asking for a lot at once; a receiver asks for no more than this of everybody together.
 */
export const MAX_QUEUED_BYTES = 64 * 1024 * 1024

/** What is to be sent next, and to whom. */
export interface Upload {
  readonly peer: string
  readonly run: Run
}

export interface UploadQueueInit {
  leafBytes(leaf: number): number
}

interface Waiting {
  readonly run: Run
  /** When it was asked for, and the how manyth request that was. */
  readonly at: number
  readonly order: number
}

interface Line {
  waiting: Waiting[]
  /** Index of the first one; those before it were sent. */
  head: number
  bytes: number
}

/**
 * What the peers of a share asked for and were not yet sent, first come first served whoever asked. Pure. A step costs
 * a look at each peer that waits, never at each run.
 */
export class UploadQueue {
  readonly #leafBytes: (leaf: number) => number
  readonly #lines = new Map<string, Line>()
  #bytes = 0
  #orders = 0

  constructor(init: UploadQueueInit) {
    this.#leafBytes = (leaf) => init.leafBytes(leaf)
  }

  /** Bytes asked for and not handed out by `next`. */
  get queuedBytes(): number {
    return this.#bytes
  }

  queuedBytesOf(peer: string): number {
    return this.#lines.get(peer)?.bytes ?? 0
  }

  /** Runs asked for and not handed out. */
  get size(): number {
    return [...this.#lines.values()].reduce((sum, line) => sum + line.waiting.length - line.head, 0)
  }

  /** What a peer asked for at `now`, which never goes back. Returns the runs that found no room. */
  add(peer: string, runs: readonly Run[], now: number): Run[] {
    const line = this.#lines.get(peer) ?? { waiting: [], head: 0, bytes: 0 }
    for (const [at, run] of runs.entries()) {
      const bytes = this.#bytesOf(run)
      if (line.waiting.length - line.head >= MAX_QUEUED_RUNS || line.bytes + bytes > MAX_QUEUED_BYTES) {
        return runs.slice(at)
      }
      line.waiting.push({ run, at: now, order: this.#orders++ })
      line.bytes += bytes
      this.#bytes += bytes
      this.#lines.set(peer, line)
    }
    return []
  }

  /** Blocks that were not handed out are not handed out any more; what is left of a run stays in its place. */
  cancel(peer: string, runs: readonly Run[]): void {
    const line = this.#lines.get(peer)
    if (line === undefined) {
      return
    }
    const cancelled = new Map<number, Uint8Array>()
    for (const { leaf, first, count } of runs) {
      const blocks = cancelled.get(leaf) ?? new Uint8Array(MAX_LEAF_BLOCKS)
      cancelled.set(leaf, blocks.fill(1, first, first + count))
    }
    const left = line.waiting.slice(line.head).flatMap((entry) => {
      const blocks = cancelled.get(entry.run.leaf)
      return blocks === undefined ? [entry] : without(entry.run, blocks).map((run) => ({ ...entry, run }))
    })
    // holes make more runs of one; the bound holds whatever a peer cancels
    line.waiting = left.slice(0, MAX_QUEUED_RUNS)
    line.head = 0
    const bytes = line.waiting.reduce((sum, { run }) => sum + this.#bytesOf(run), 0)
    this.#bytes += bytes - line.bytes
    line.bytes = bytes
    this.#dropIfEmpty(peer, line)
  }

  removePeer(peer: string): void {
    this.#bytes -= this.queuedBytesOf(peer)
    this.#lines.delete(peer)
  }

  /**
   * The oldest request of a peer that `canTake`, `maxBlocks` of it at most; the rest stays first. So one request is
   * served to its end before the next, unless its peer cannot take more meanwhile.
   */
  next(
    canTake: (peer: string) => boolean,
    maxBlocks: number | ((peer: string) => number) = MAX_LEAF_BLOCKS
  ): Upload | undefined {
    const peer = this.#oldest(canTake)
    const line = peer === undefined ? undefined : this.#lines.get(peer)
    const entry = line?.waiting[line.head]
    if (peer === undefined || line === undefined || entry === undefined) {
      return undefined
    }
    const { leaf, first, count } = entry.run
    const blocks = Math.min(count, typeof maxBlocks === 'number' ? maxBlocks : maxBlocks(peer))
    const run = blocks === count ? entry.run : { leaf, first, count: blocks }
    if (blocks === count) {
      this.#dropHead(line)
    } else {
      line.waiting[line.head] = { ...entry, run: { leaf, first: first + blocks, count: count - blocks } }
    }
    const bytes = this.#bytesOf(run)
    line.bytes -= bytes
    this.#bytes -= bytes
    this.#dropIfEmpty(peer, line)
    return { peer, run }
  }

  #oldest(canTake: (peer: string) => boolean): string | undefined {
    let oldest: string | undefined
    let first: Waiting | undefined
    for (const [peer, line] of this.#lines) {
      const entry = line.waiting[line.head]
      if (entry !== undefined && isBefore(entry, first) && canTake(peer)) {
        oldest = peer
        first = entry
      }
    }
    return oldest
  }

  #dropHead(line: Line): void {
    line.head++
    if (line.head > MAX_QUEUED_RUNS) {
      line.waiting.splice(0, line.head)
      line.head = 0
    }
  }

  #dropIfEmpty(peer: string, line: Line): void {
    if (line.head === line.waiting.length) {
      this.#lines.delete(peer)
    }
  }

  #bytesOf({ leaf, first, count }: Run): number {
    return Math.max(0, Math.min(this.#leafBytes(leaf), (first + count) * BLOCK_BYTES) - first * BLOCK_BYTES)
  }
}

function isBefore(entry: Waiting, other: Waiting | undefined): boolean {
  return other === undefined || entry.at < other.at || (entry.at === other.at && entry.order < other.order)
}

/** What is left of a run without the blocks that are set. */
function without({ leaf, first, count }: Run, blocks: Uint8Array): Run[] {
  const left: Run[] = []
  let start = first
  for (let block = first; block <= first + count; block++) {
    if (block === first + count || blocks[block] === 1) {
      if (block > start) {
        left.push({ leaf, first: start, count: block - start })
      }
      start = block + 1
    }
  }
  return left
}
