import type { Run } from '../wire/codec.ts'

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

  /** Look ahead without taking: what to read next from the disk. */
  peek(): Run | undefined {
    return this.#runs[this.#head]
  }

  cancel(runs: readonly Run[]): void {
    const cancelled = new Set(runs.map((run) => run.leaf))
    const kept = this.#runs.slice(this.#head).filter((run) => !cancelled.has(run.leaf))
    this.#runs.splice(0, this.#runs.length, ...kept)
    this.#head = 0
  }
}
