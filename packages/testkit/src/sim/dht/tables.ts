import { FATE } from './population.ts'
import type { DhtPopulation } from './population.ts'
import { commonBits, DHT_K, scatter } from './position.ts'
import type { DhtPosition } from './position.ts'

/** Whom every node knows. */
export interface DhtTables {
  /** The `count` nearest to `target` in the table of `node`, nearest first. */
  known(node: number, target: DhtPosition, count: number): readonly number[]
}

export interface TablesInit {
  readonly population: DhtPopulation
  readonly seed: number
  /** Of the contacts in full buckets; in the others it is the share of the population. @default 0.04 */
  readonly deadInFull?: number
  /** Share of the neighbours that a node has not heard of. @default 0.024 */
  readonly unknown?: number
  /** Contacts in a full bucket. @default 20 */
  readonly bucket?: number
}

/** A draw in `[0, 2^32)` above it, and the node is not in the bucket. */
const WORD = 2 ** 32

/** More draws than that, and the bucket stays smaller. */
const MAX_DRAWS = 400

/** Buckets that are drawn when somebody asks for them, always the same: a million tables need no memory. */
class Buckets {
  readonly #init: Required<TablesInit>
  /** Share of the dead that a full bucket still holds. */
  readonly #keepsDead: number

  constructor(init: TablesInit) {
    const { population, deadInFull = 0.04, unknown = 0.024, bucket = DHT_K } = init
    this.#init = { ...init, deadInFull, unknown, bucket }
    let dead = 0
    for (const fate of population.fate) {
      dead += Number(fate === FATE.refuses || fate === FATE.silent)
    }
    const odds = dead / Math.max(1, population.size - dead)
    this.#keepsDead = odds === 0 ? 1 : Math.min(1, deadInFull / (1 - deadInFull) / odds)
  }

  /** Up to 20 of the population between `from` and `to`, as `node` has them in the bucket that is called `name`. */
  draw(node: number, name: number, from: number, to: number, into: number[]): void {
    const { population, seed, unknown, bucket } = this.#init
    if (to - from <= DHT_K) {
      for (let other = from; other < to; other++) {
        if (other !== node && scatter(node ^ seed, name, other) >= unknown * WORD) {
          into.push(other)
        }
      }
      return
    }
    const start = into.length
    for (let draw = 0; into.length < start + bucket && draw < MAX_DRAWS; draw++) {
      const word = scatter(node ^ seed, name, draw)
      const other = from + Math.floor((word / WORD) * (to - from))
      const fate = population.fate[other]
      const isGone = fate === FATE.refuses || fate === FATE.silent
      if (other !== node && !into.includes(other, start) && !(isGone && this.#drops(word))) {
        into.push(other)
      }
    }
  }

  #drops(word: number): boolean {
    return scatter(word, 1, 2) >= this.#keepsDead * WORD
  }
}

/** Kademlia's: a bucket of 20 for every prefix length, so that everybody knows its neighbours. */
export function kademliaTables(init: TablesInit): DhtTables {
  const { population } = init
  const buckets = new Buckets(init)
  const bucket = (node: number, depth: number, into: number[]): void => {
    const own = population.high[node] ?? 0
    const [from, to] = population.range((own ^ (1 << (31 - depth))) >>> 0, depth + 1)
    buckets.draw(node, depth, from, to, into)
  }
  return {
    known(node, target, count) {
      const shared = Math.min(31, commonBits(population.high[node] ?? 0, target.high))
      const known: number[] = []
      bucket(node, shared, known)
      if (known.length < count) {
        const own = population.high[node] ?? 0
        for (let depth = shared + 1; depth < 32; depth++) {
          bucket(node, depth, known)
          const [from, to] = population.range(own, depth + 1)
          if (to - from <= 1) {
            break
          }
        }
      }
      for (let depth = shared - 1; depth >= 0 && known.length < count; depth--) {
        bucket(node, depth, known)
      }
      return population.sorted(known, target).slice(0, count)
    }
  }
}

/** kad-dht 16's: a balanced trie of buckets that are split down to `prefixBits`, and not deeper around the own position. */
export function trieTables(init: TablesInit & { readonly prefixBits: number }): DhtTables {
  const { population, prefixBits } = init
  const buckets = new Buckets(init)
  return {
    known(node, target, count) {
      const known: number[] = []
      // leaves in the order of their distance, until there are enough
      const visit = (word: number, bits: number): void => {
        if (known.length >= count) {
          return
        }
        const [from, to] = population.range(word, bits)
        if (to - from <= DHT_K || bits === prefixBits) {
          buckets.draw(node, (bits << 24) ^ (bits === 0 ? 0 : word >>> (32 - bits)), from, to, known)
          return
        }
        visit(word, bits + 1)
        visit((word ^ (1 << (31 - bits))) >>> 0, bits + 1)
      }
      visit(target.high, 0)
      return population.sorted(known, target).slice(0, count)
    }
  }
}
