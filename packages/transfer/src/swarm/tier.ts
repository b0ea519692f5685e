import { Bitfield } from './bitfield.ts'

/** Leaves with this many holders or more are equally common: the choice no longer matters. */
const MAX_RARITY = 64

/** Leaves looked at, rarest first, for one that the peer has. */
export const MAX_SCAN = 256

/** Of a peer with too little of what is rare to be met in `MAX_SCAN`, so many leaves are compared. */
const SAMPLE = 16

/** What all tiers of a picker know of leaves. */
export interface LeafTable {
  /** Peers that are known to have the leaf. */
  readonly holders: Uint16Array
  /** Where a leaf stands in its bucket; -1 when it is not a candidate. A leaf is in one tier at most. */
  readonly position: Int32Array
}

/**
 * Candidates that are wanted equally much. Buckets by number of holders with swap-removal make every change O(1). Pure:
 * randomness is passed in.
 */
export class Tier {
  readonly candidates: Bitfield
  readonly #buckets: number[][] = Array.from({ length: MAX_RARITY + 1 }, () => [])
  readonly #table: LeafTable
  readonly #random: () => number
  /** No candidate is before this one. */
  #from = 0

  constructor(table: LeafTable, random: () => number) {
    this.candidates = new Bitfield(table.holders.length)
    this.#table = table
    this.#random = random
  }

  add(leaf: number): void {
    if (this.candidates.set(leaf)) {
      this.insert(leaf)
      this.#from = Math.min(this.#from, leaf)
    }
  }

  remove(leaf: number): void {
    if (this.candidates.clear(leaf)) {
      this.extract(leaf)
    }
  }

  /** Into the bucket for the number of its holders. */
  insert(leaf: number): void {
    const bucket = this.#bucketOf(leaf)
    this.#table.position[leaf] = bucket.length
    bucket.push(leaf)
  }

  /** Out of its bucket, before the number of its holders changes. */
  extract(leaf: number): void {
    const { position } = this.#table
    const bucket = this.#bucketOf(leaf)
    const at = position[leaf] ?? -1
    const last = bucket.pop()
    if (last !== undefined && last !== leaf) {
      bucket[at] = last
      position[last] = at
    }
    position[leaf] = -1
  }

  /**
   * A candidate in `held`, the rarest as far as it was looked for, ties at random: `MAX_SCAN` leaves, rarest first; when
   * the peer has none of those, the rarest of a few that it has, from a random place on.
   */
  rarest(held: Bitfield): number | undefined {
    return this.candidates.count === 0 ? undefined : (this.#amongRarest(held) ?? this.#amongHeld(held))
  }

  /** The candidate in `held` with the lowest index. */
  lowest(held: Bitfield): number | undefined {
    this.#from = this.candidates.nextCommon(this.candidates, this.#from) ?? this.#from
    return this.candidates.nextCommon(held, this.#from)
  }

  /** Candidates by index, the lowest first. */
  *inOrder(): Generator<number> {
    let leaf = this.lowest(this.candidates)
    while (leaf !== undefined) {
      yield leaf
      leaf = this.candidates.nextCommon(this.candidates, leaf + 1)
    }
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
    let next = this.candidates.nextCommon(held, from) ?? this.candidates.nextCommon(held, 0)
    for (let seen = 0; seen < SAMPLE && next !== undefined; seen++) {
      if (best === undefined || this.#holders(next) < this.#holders(best)) {
        best = next
      }
      next = this.candidates.nextCommon(held, next + 1)
    }
    return best
  }

  #holders(leaf: number): number {
    return this.#table.holders[leaf] ?? 0
  }

  #bucketOf(leaf: number): number[] {
    return this.#buckets[Math.min(this.#holders(leaf), MAX_RARITY)] ?? []
  }
}
