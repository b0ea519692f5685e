import { Bitfield } from './bitfield.ts'

/** Leaves with this many holders or more are equally common: the choice no longer matters. */
const MAX_RARITY = 64

/** Leaves looked at, rarest first, for one that the peer has. */
export const MAX_SCAN = 256

/** Of a peer with too little of what is rare to be met in `MAX_SCAN`, so many leaves are compared. */
const SAMPLE = 16

/**
 * The leaves that are wanted and not yet asked for, rarest first, ties at random. Buckets by number of holders with
 * swap-removal make every change O(1). A pick looks at `MAX_SCAN` leaves at most, rarest first; when the peer has none of
 * those, the rarest of a few that it has, from a random place on. Pure: randomness is passed in.
 */
export class Picker {
  readonly #buckets: number[][] = Array.from({ length: MAX_RARITY + 1 }, () => [])
  /** Where a leaf stands in its bucket; -1 when it is not a candidate. */
  readonly #position: Int32Array
  readonly #candidates: Bitfield
  readonly #holders: Uint16Array
  readonly #random: () => number

  constructor(leafCount: number, random: () => number) {
    this.#position = new Int32Array(leafCount).fill(-1)
    this.#candidates = new Bitfield(leafCount)
    this.#holders = new Uint16Array(leafCount)
    this.#random = random
  }

  /** Candidates left. */
  get size(): number {
    return this.#candidates.count
  }

  holders(leaf: number): number {
    return this.#holders[leaf] ?? 0
  }

  isCandidate(leaf: number): boolean {
    return this.#candidates.has(leaf)
  }

  add(leaf: number): void {
    if (this.#candidates.set(leaf)) {
      this.#insert(leaf)
    }
  }

  remove(leaf: number): void {
    if (this.#candidates.clear(leaf)) {
      this.#extract(leaf)
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

  /** Whether there is a candidate in `held`. */
  hasAny(held: Bitfield): boolean {
    return this.#candidates.nextCommon(held, 0) !== undefined
  }

  /** A candidate in `held`, the rarest as far as it was looked for. It stays a candidate. */
  pick(held: Bitfield): number | undefined {
    return this.size === 0 ? undefined : (this.#amongRarest(held) ?? this.#amongHeld(held))
  }

  #amongRarest(held: Bitfield): number | undefined {
    let left = MAX_SCAN
    for (let rarity = 1; rarity <= MAX_RARITY && left > 0; rarity++) {
      const bucket = this.#buckets[rarity] ?? []
      if (bucket.length === 0) {
        continue
      }
      const from = Math.floor(this.#random() * bucket.length)
      for (let step = 0; step < bucket.length && left > 0; step++, left--) {
        const leaf = bucket[(from + step) % bucket.length]
        if (leaf !== undefined && held.has(leaf)) {
          return leaf
        }
      }
    }
    return undefined
  }

  #amongHeld(held: Bitfield): number | undefined {
    const from = Math.floor(this.#random() * held.length)
    let best: number | undefined
    let next = this.#candidates.nextCommon(held, from) ?? this.#candidates.nextCommon(held, 0)
    for (let seen = 0; seen < SAMPLE && next !== undefined; seen++) {
      if (best === undefined || this.holders(next) < this.holders(best)) {
        best = next
      }
      next = this.#candidates.nextCommon(held, next + 1)
    }
    return best
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
