import { InvalidMessageError } from '@p2pshare/interface'
import type { Range } from '../swarm/bitfield.ts'
import type { Message } from '../wire/codec.ts'
import { MAX_RANGES } from '../wire/limits.ts'
import { EarlyRanges } from './early-ranges.ts'

/** Messages of one peer, WANT and HAVE left out, that are kept until this node knows the map. */
export const MAX_EARLY_MESSAGES = 1024

/** Ranges and runs that all of these may name: an honest peer offers, and is asked for, a few hundred leaves before. */
export const MAX_EARLY_NAMES = 16 * 1024

type Want = Message & { type: 'want' }

/**
 * What a peer said before this node knew the map. HAVE only adds, so all of them are one in the end; of WANTs there is what
 * is wanted, and what is urgent now.
 */
export class EarlyMessages {
  readonly #messages: Message[] = []
  readonly #held = new EarlyRanges()
  readonly #wanted = new EarlyRanges()
  #hasWant = false
  #urgent: Want | undefined
  #names = 0

  /** @throws InvalidMessageError when it is too much. */
  add(message: Message): void {
    if (message.type === 'have') {
      this.#held.add(message.ranges)
    } else if (message.type === 'want') {
      this.#addWant(message)
    } else {
      this.#names += namesOf(message)
      if (this.#messages.push(message) > MAX_EARLY_MESSAGES || this.#names > MAX_EARLY_NAMES) {
        throw new InvalidMessageError('too many messages before the map was known')
      }
    }
  }

  /** What was said, WANT first and HAVE last, as if it were said just now, and is forgotten. */
  take(): Message[] {
    const messages: Message[] = []
    if (this.#hasWant) {
      const pieces = inPieces(this.#wanted.take())
      messages.push({ type: 'want', ranges: pieces.shift() ?? [], urgent: false })
      messages.push(...pieces.map((ranges): Want => ({ type: 'want', ranges, urgent: false, adds: true })))
    }
    if (this.#urgent !== undefined) {
      messages.push({ ...this.#urgent, adds: true })
    }
    messages.push(...this.#messages.splice(0))
    messages.push(...inPieces(this.#held.take()).map((ranges): Message => ({ type: 'have', ranges })))
    this.#hasWant = false
    this.#urgent = undefined
    this.#names = 0
    return messages
  }

  #addWant(want: Want): void {
    this.#hasWant = true
    if (want.adds !== true) {
      this.#wanted.take()
      this.#urgent = undefined
    }
    this.#wanted.add(want.ranges)
    // those that were urgent before are not any more
    this.#urgent = want.urgent ? want : this.#urgent
  }
}

/** What a message names: each takes memory. */
function namesOf(message: Message): number {
  return 'ranges' in message ? message.ranges.length : 'runs' in message ? message.runs.length : 0
}

/** As many ranges as a message may have. */
function inPieces(ranges: readonly Range[]): Range[][] {
  return Array.from({ length: Math.ceil(ranges.length / MAX_RANGES) }, (_, piece) =>
    ranges.slice(piece * MAX_RANGES, (piece + 1) * MAX_RANGES)
  )
}
