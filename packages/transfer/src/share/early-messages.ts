import { InvalidMessageError } from '@p2pshare/interface'
import type { Range } from '../swarm/bitfield.ts'
import type { Message } from '../wire/codec.ts'
import { MAX_RANGES } from '../wire/limits.ts'

/** Messages of one peer, HAVE left out, that are kept until this node knows the map. */
export const MAX_EARLY_MESSAGES = 1024

/**
 * Ranges of all HAVEs of one peer that are kept until then, joined where they touch: 1 MiB of memory. A leecher that
 * fetches while this node looks through what it has for minutes says HAVE many times, and its ranges grow together.
 */
export const MAX_EARLY_RANGES = 64 * 1024

/** What a peer said before this node knew the map. HAVE only adds, so all of them are one in the end. */
export class EarlyMessages {
  readonly #messages: Message[] = []
  #ranges: Range[] = []
  /** The number of ranges at which they are joined again. */
  #joinAt = MAX_RANGES

  /** @throws InvalidMessageError when it is too much. */
  add(message: Message): void {
    if (message.type === 'have') {
      this.#addRanges(message.ranges)
    } else if (this.#messages.push(message) > MAX_EARLY_MESSAGES) {
      throw new InvalidMessageError('too many messages before the map was known')
    }
  }

  /** What was said, as if it were said just now, and is forgotten. */
  take(): Message[] {
    const messages = this.#messages.splice(0)
    this.#ranges = joined(this.#ranges)
    while (this.#ranges.length > 0) {
      messages.push({ type: 'have', ranges: this.#ranges.splice(0, MAX_RANGES) })
    }
    return messages
  }

  #addRanges(ranges: readonly Range[]): void {
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
