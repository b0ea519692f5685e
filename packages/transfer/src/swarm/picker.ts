import type { Bitfield } from './bitfield.ts'
import { Tier } from './tier.ts'
import type { LeafTable } from './tier.ts'

/** How much a leaf is wanted; the first that the peer has is taken. */
export type Urgency = 'high' | 'normal' | 'low'

const URGENCIES = ['high', 'normal', 'low'] as const satisfies readonly Urgency[]
const NORMAL = URGENCIES.indexOf('normal')

/** What comes first of the leaves that are wanted. */
export interface LeafOrder {
  /** By index, not rarest first. */
  readonly sequential: boolean
  /** @default all are `normal` */
  readonly urgency?: (leaf: number) => Urgency
}

/**
 * The leaves that are wanted and not yet asked for: of the most urgent ones that a peer has the rarest, ties at random, or
 * the lowest index. When nobody says what is urgent there is one tier, and rarest-first over all. Pure: randomness is
 * passed in.
 */
export class Picker {
  readonly #table: LeafTable
  readonly #random: () => number
  /** By urgency; made when a leaf needs it. */
  readonly #tiers: Array<Tier | undefined> = []
  /** Urgency of each leaf as an index into `URGENCIES`; `undefined`: all are normal. */
  #urgency: Uint8Array | undefined
  #sequential = false
  #size = 0

  constructor(leafCount: number, random: () => number) {
    this.#table = { holders: new Uint16Array(leafCount), position: new Int32Array(leafCount).fill(-1) }
    this.#random = random
  }

  /** Candidates left. */
  get size(): number {
    return this.#size
  }

  holders(leaf: number): number {
    return this.#table.holders[leaf] ?? 0
  }

  isCandidate(leaf: number): boolean {
    return (this.#table.position[leaf] ?? -1) >= 0
  }

  add(leaf: number): void {
    if (leaf >= 0 && leaf < this.#table.position.length && !this.isCandidate(leaf)) {
      this.#tierOf(leaf).add(leaf)
      this.#size++
    }
  }

  remove(leaf: number): void {
    if (this.isCandidate(leaf)) {
      this.#tierOf(leaf).remove(leaf)
      this.#size--
    }
  }

  /** One more (`+1`) or one less (`-1`) peer is known to hold the leaf. */
  changeHolders(leaf: number, by: 1 | -1): void {
    const tier = this.isCandidate(leaf) ? this.#tierOf(leaf) : undefined
    tier?.extract(leaf)
    this.#table.holders[leaf] = Math.max(0, this.holders(leaf) + by)
    tier?.insert(leaf)
  }

  /** From here on. Candidates stay what they are. */
  reorder({ sequential, urgency }: LeafOrder): void {
    const candidates = this.#tiers.flatMap((tier) => [...(tier?.candidates.indices() ?? [])])
    for (const leaf of candidates) {
      this.remove(leaf)
    }
    this.#sequential = sequential
    this.#urgency = urgency && Uint8Array.from(this.#table.holders, (_, leaf) => URGENCIES.indexOf(urgency(leaf)))
    for (const leaf of candidates) {
      this.add(leaf)
    }
  }

  /** Whether there is a candidate in `held`. */
  hasAny(held: Bitfield): boolean {
    return this.#tiers.some((tier) => tier?.candidates.nextCommon(held, 0) !== undefined)
  }

  /** A candidate in `held`: of the most urgent ones the rarest as far as it was looked for, or the lowest. It stays one. */
  pick(held: Bitfield): number | undefined {
    for (const tier of this.#tiers) {
      const leaf = this.#sequential ? tier?.lowest(held) : tier?.rarest(held)
      if (leaf !== undefined) {
        return leaf
      }
    }
    return undefined
  }

  /**
   * The candidates that come next where an order says so, by index; none when all are equally welcome: those of the most
   * urgent tier, when it is above the others or taken in order.
   */
  *next(): Generator<number> {
    const first = this.#tiers.findIndex((tier) => (tier?.candidates.count ?? 0) > 0)
    if (this.#sequential || (first >= 0 && first < NORMAL)) {
      yield* this.#tiers[first]?.inOrder() ?? []
    }
  }

  #tierOf(leaf: number): Tier {
    const urgency = this.#urgency?.[leaf] ?? NORMAL
    const tier = this.#tiers[urgency] ?? new Tier(this.#table, this.#random)
    this.#tiers[urgency] = tier
    return tier
  }
}
