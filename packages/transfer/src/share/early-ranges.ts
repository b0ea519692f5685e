import { InvalidMessageError } from '@p2pshare/interface'
import type { Range } from '../swarm/bitfield.ts'
import { MAX_RANGES } from '../wire/limits.ts'

/**
 * Ranges of one kind that are kept of one peer before this node knows the map, joined where they touch; twice as many and a
 * message between two joins: some 6 MiB. A leecher that fetches while this node looks through what it has for minutes says
 * HAVE many times, and its ranges grow together.
 */
export const MAX_EARLY_RANGES = 64 * 1024

/** Indices that were named, as few ranges. */
export class EarlyRanges {
  #ranges: Range[] = []
  /** The number of ranges at which they are joined again. */
  #joinAt = MAX_RANGES

  /** @throws InvalidMessageError when there are too many. */
  add(ranges: readonly Range[]): void {
    this.#ranges.push(...ranges)
    if (this.#ranges.length < this.#joinAt) {
      return
    }
    this.#ranges = joined(this.#ranges)
    if (this.#ranges.length > MAX_EARLY_RANGES) {
      throw new InvalidMessageError('too many ranges before the map was known')
    }
    // not each time: a peer with many ranges would make each of its messages expensive
    this.#joinAt = 2 * this.#ranges.length + MAX_RANGES
  }

  /** All of them, ascending, which are forgotten. */
  take(): Range[] {
    const ranges = joined(this.#ranges)
    this.#ranges = []
    this.#joinAt = MAX_RANGES
    return ranges
  }
}

/** The same indices in the fewest ranges, ascending. */
function joined(ranges: readonly Range[]): Range[] {
  const all: Array<{ start: number; count: number }> = []
  for (const { start, count } of ranges.toSorted((a, b) => a.start - b.start)) {
    const last = all.at(-1)
    if (last === undefined || start > last.start + last.count) {
      all.push({ start, count })
    } else {
      last.count = Math.max(last.count, start + count - last.start)
    }
  }
  return all
}
