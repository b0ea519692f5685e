import { DIGEST_BYTES } from './block-kind.ts'
import type { LeafColumns } from './leaf-table.ts'
import { wrapOf } from './leaf-table.ts'

const WORDS = DIGEST_BYTES / 4

/** Prefix bits that fit beside a leaf index (`MAX_LEAVES` is 2^22) in the 53 bits of a number. */
const PREFIX_SHIFT = 2 ** 22

/**
 * Leaves in order of their block, equal ones next to each other by index: 4 bytes a leaf. Sorted rather than hashed,
 * since whoever made the DAG chose the digests and could make every one collide.
 */
export class LeafIndex {
  readonly #columns: LeafColumns
  readonly #words: Uint32Array
  readonly #order: Uint32Array

  constructor(columns: LeafColumns) {
    this.#columns = columns
    this.#words = new Uint32Array(columns.digests.buffer, columns.digests.byteOffset, columns.count * WORDS)
    this.#order = this.#sort()
  }

  /** The lowest index whose block is that of `index`. */
  first(index: number): number {
    return this.#order[this.#lowerBound((other) => this.#compare(other, index))] ?? index
  }

  /** All indices whose block is that of `index`, ascending. */
  all(index: number): number[] {
    const from = this.#lowerBound((other) => this.#compare(other, index))
    let to = from
    while (to < this.#order.length && this.#compare(this.#order[to] ?? 0, index) === 0) {
      to++
    }
    return Array.from(this.#order.subarray(from, to))
  }

  /** The lowest index with this digest, raw or not. */
  find(digest: Uint8Array, raw: boolean): number | undefined {
    const copy = new Uint8Array(digest)
    const words = new Uint32Array(copy.buffer, 0, WORDS)
    const compare = (index: number): number => this.#compareWords(index, words, 0) || this.#rawness(index, raw)
    const found = this.#order[this.#lowerBound(compare)]
    return found !== undefined && compare(found) === 0 ? found : undefined
  }

  #sort(): Uint32Array {
    const { count } = this.#columns
    const keys = new Float64Array(count)
    for (let index = 0; index < count; index++) {
      keys[index] = (this.#word(index, 0) >>> 1) * PREFIX_SHIFT + index
    }
    // without a comparator: fast, and nearly done since real digests hardly share 31 bits
    keys.sort()
    const order = Uint32Array.from(keys, (key) => key % PREFIX_SHIFT)
    for (let from = 0; from < count;) {
      const prefix = Math.floor((keys[from] ?? 0) / PREFIX_SHIFT)
      let to = from + 1
      while (to < count && Math.floor((keys[to] ?? 0) / PREFIX_SHIFT) === prefix) {
        to++
      }
      const run = order.subarray(from, to)
      // equal leaves, of which a sparse file has very many, are in order already
      if (run.some((index, at) => at > 0 && this.#compare(run[at - 1] ?? 0, index) > 0)) {
        run.sort((a, b) => this.#compare(a, b) || a - b)
      }
      from = to
    }
    return order
  }

  /** The first place in the order whose leaf does not compare less. */
  #lowerBound(compare: (index: number) => number): number {
    let low = 0
    let high = this.#order.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (compare(this.#order[middle] ?? 0) < 0) {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low
  }

  /**
   * Equal leaves have the same digest, both raw or both in an envelope, and the same size (a size that a link lies
   * about must not infect the leaf that has the true one).
   */
  #compare(a: number, b: number): number {
    return (
      this.#compareWords(a, this.#words, b * WORDS) ||
      this.#rawness(a, this.#isRaw(b)) ||
      this.#bytes(a) - this.#bytes(b)
    )
  }

  #compareWords(index: number, words: Uint32Array, at: number): number {
    // the shifted first word orders first, as in the sort keys
    for (let word = 0; word < WORDS; word++) {
      const a = this.#word(index, word)
      const b = words[at + word] ?? 0
      if (a !== b) {
        return a < b ? -1 : 1
      }
    }
    return 0
  }

  #rawness(index: number, raw: boolean): number {
    return Number(this.#isRaw(index)) - Number(raw)
  }

  #word(index: number, word: number): number {
    return this.#words[index * WORDS + word] ?? 0
  }

  #isRaw(index: number): boolean {
    return wrapOf(this.#columns.flags[index] ?? 0) === 'raw'
  }

  #bytes(index: number): number {
    return (this.#columns.starts[index + 1] ?? 0) - (this.#columns.starts[index] ?? 0)
  }
}
