/** Leaves with this many holders or more are equally common: the choice no longer matters. */
const MAX_RARITY = 64

/**
 * Leaves looked at before a pick gives up until the next event. Only a peer that holds almost nothing of what is
 * missing comes near it; the bound keeps one pick under a millisecond whatever the share's size.
 */
const MAX_SCAN = 8192

/**
 * The leaves that are wanted and not yet asked for, rarest first, ties at random. Buckets by number of holders with
 * swap-removal make every change O(1) and a pick O(leaves looked at). Pure: randomness is passed in.
 */
export class Picker {
  readonly #buckets: number[][] = Array.from({ length: MAX_RARITY + 1 }, () => [])
  /** Where a leaf stands in its bucket; -1 when it is not a candidate. */
  readonly #position: Int32Array
  readonly #holders: Uint16Array
  readonly #random: () => number
  #size = 0

  constructor(leafCount: number, random: () => number) {
    this.#position = new Int32Array(leafCount).fill(-1)
    this.#holders = new Uint16Array(leafCount)
    this.#random = random
  }

  /** Candidates left. */
  get size(): number {
    return this.#size
  }

  holders(leaf: number): number {
    return this.#holders[leaf] ?? 0
  }

  isCandidate(leaf: number): boolean {
    return (this.#position[leaf] ?? -1) >= 0
  }

  add(leaf: number): void {
    if (!this.isCandidate(leaf)) {
      this.#insert(leaf)
      this.#size++
    }
  }

  remove(leaf: number): void {
    if (this.isCandidate(leaf)) {
      this.#extract(leaf)
      this.#size--
    }
  }

  /** One more (`+1`) or one less (`-1`) peer is known to hold the leaf. */
  changeHolders(leaf: number, by: 1 | -1): void {
    const candidate = this.isCandidate(leaf)
    if (candidate) {
      this.#extract(leaf)
    }
    this.#holders[leaf] = Math.max(0, (this.#holders[leaf] ?? 0) + by)
    if (candidate) {
      this.#insert(leaf)
    }
  }

  /** The rarest candidate for which `held` is true. It stays a candidate. */
  pick(held: (leaf: number) => boolean): number | undefined {
    let scanned = 0
    for (let rarity = 1; rarity <= MAX_RARITY && scanned < MAX_SCAN; rarity++) {
      const bucket = this.#buckets[rarity] ?? []
      const from = Math.floor(this.#random() * bucket.length)
      for (let step = 0; step < bucket.length && scanned < MAX_SCAN; step++, scanned++) {
        const leaf = bucket[(from + step) % bucket.length]
        if (leaf !== undefined && held(leaf)) {
          return leaf
        }
      }
    }
    return undefined
  }

  #bucketOf(leaf: number): number[] {
    return this.#buckets[Math.min(this.holders(leaf), MAX_RARITY)] ?? []
  }

  #insert(leaf: number): void {
    const bucket = this.#bucketOf(leaf)
    this.#position[leaf] = bucket.length
    bucket.push(leaf)
  }

  #extract(leaf: number): void {
    const bucket = this.#bucketOf(leaf)
    const at = this.#position[leaf] ?? -1
    const last = bucket.pop()
    if (last !== undefined && last !== leaf) {
      bucket[at] = last
      this.#position[last] = at
    }
    this.#position[leaf] = -1
  }
}
