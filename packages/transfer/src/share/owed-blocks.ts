import type { Run } from '../wire/codec.ts'

/**
 * Leaves of which a peer may owe blocks, with what was cancelled and never came. More are not asked of one peer at a time;
 * of those that were cancelled the oldest is forgotten first: what is on its way is a few seconds old.
 */
export const MAX_OWED_LEAVES = 64 * 1024

/**
 * Blocks that one peer was asked for and has not sent, those among them that are not wanted any more. Each may come once
 * for each time it was asked for; what is more than that, nobody asked for.
 */
export class OwedBlocks {
  /** Leaf -> blocks, the leaf that was asked for last behind all others. */
  readonly #blocks = new Map<number, number>()

  /** Leaves of which something is owed. */
  get leaves(): number {
    return this.#blocks.size
  }

  /** The peer is asked for these. */
  asked(runs: Iterable<Pick<Run, 'leaf' | 'count'>>): void {
    for (const { leaf, count } of runs) {
      const before = this.#blocks.get(leaf) ?? 0
      this.#blocks.delete(leaf)
      this.#blocks.set(leaf, before + count)
    }
    for (const leaf of this.#blocks.keys()) {
      if (this.#blocks.size <= MAX_OWED_LEAVES) {
        return
      }
      this.#blocks.delete(leaf)
    }
  }

  /** Whether so many blocks of the leaf are owed. */
  has({ leaf, count }: Pick<Run, 'leaf' | 'count'>): boolean {
    return (this.#blocks.get(leaf) ?? 0) >= count
  }

  /** These come, and are owed. */
  came({ leaf, count }: Pick<Run, 'leaf' | 'count'>): void {
    const left = (this.#blocks.get(leaf) ?? 0) - count
    if (left > 0) {
      this.#blocks.set(leaf, left)
    } else {
      this.#blocks.delete(leaf)
    }
  }
}
