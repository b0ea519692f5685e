import type { Run } from '../wire/codec.ts'
import { MAX_LEAF_BLOCKS } from '../wire/limits.ts'

/** Runs one peer may have waiting; the receiver's own window is far below it. */
export const MAX_QUEUED_RUNS = 2048

/** What one peer asked for and was not yet sent, first come first served. Pure. */
export class UploadQueue {
  readonly #runs: Run[] = []
  #head = 0

  get size(): number {
    return this.#runs.length - this.#head
  }

  /** Returns the runs that found no room. */
  add(runs: readonly Run[]): Run[] {
    const room = MAX_QUEUED_RUNS - this.size
    this.#runs.push(...runs.slice(0, room))
    return runs.slice(room)
  }

  next(): Run | undefined {
    const run = this.#runs[this.#head]
    if (run === undefined) {
      return undefined
    }
    this.#head++
    if (this.#head > MAX_QUEUED_RUNS) {
      this.#runs.splice(0, this.#head)
      this.#head = 0
    }
    return run
  }

  /** Blocks that were not sent are not sent any more; what is left of a run stays in its place. */
  cancel(runs: readonly Run[]): void {
    const cancelled = new Map<number, Uint8Array>()
    for (const { leaf, first, count } of runs) {
      const blocks = cancelled.get(leaf) ?? new Uint8Array(MAX_LEAF_BLOCKS)
      cancelled.set(leaf, blocks.fill(1, first, first + count))
    }
    const left = this.#runs.slice(this.#head).flatMap((run) => {
      const blocks = cancelled.get(run.leaf)
      return blocks === undefined ? [run] : without(run, blocks)
    })
    // holes make more runs of one; the bound holds whatever a peer cancels
    this.#runs.splice(0, this.#runs.length, ...left.slice(0, MAX_QUEUED_RUNS))
    this.#head = 0
  }
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
