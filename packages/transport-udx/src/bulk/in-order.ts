import { UdxBulkChannelError } from '../errors.ts'
import { MAX_EARLY_RECORDS } from './constants.ts'

/** Brings records that came by several lanes into the order of their numbers. Each lane keeps its own. Pure. */
export class InOrder<T> {
  readonly #early = new Map<number, T>()
  #next = 0

  /** Records that wait for one before them. */
  get size(): number {
    return this.#early.size
  }

  /** Those that are in order now. Throws `UdxBulkChannelError` for a number that was there before, and when too many wait. */
  take(number: number, record: T): T[] {
    if (number < this.#next || this.#early.has(number)) {
      throw new UdxBulkChannelError('protocol', 'a record that came before')
    }
    if (number > this.#next) {
      if (this.#early.size >= MAX_EARLY_RECORDS) {
        throw new UdxBulkChannelError(
          'protocol',
          `more than ${MAX_EARLY_RECORDS} records that wait for one before them`
        )
      }
      this.#early.set(number, record)
      return []
    }
    const ready = [record]
    this.#next++
    for (let early = this.#early.get(this.#next); early !== undefined; early = this.#early.get(this.#next)) {
      this.#early.delete(this.#next)
      this.#next++
      ready.push(early)
    }
    return ready
  }
}
