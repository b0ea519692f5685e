import type { Random } from '../../random.ts'
import { DHT_K } from './position.ts'
import type { DhtPosition } from './position.ts'

/** What happens to a request to a node. `refuses`: its host says at once that nobody is there; `silent`: nobody says anything. */
export const FATE = Object.freeze({ answers: 0, refuses: 1, silent: 2, sybil: 3 })

/** How many are there, and how many more are only in the tables of others. */
export interface PopulationInit {
  readonly live: number
  /** Of all that anybody still lists. @default 0.15 */
  readonly deadShare?: number
  /** Of the dead. @default 0.7 */
  readonly silentShare?: number
}

/** Who is where: everybody in typed arrays, in the order of the key space, so that a million fit into 30 MB. */
export class DhtPopulation {
  readonly high: Uint32Array
  readonly low: Uint32Array
  readonly x: Float32Array
  readonly y: Float32Array
  readonly fate: Uint8Array

  constructor(size: number) {
    this.high = new Uint32Array(size)
    this.low = new Uint32Array(size)
    this.x = new Float32Array(size)
    this.y = new Float32Array(size)
    this.fate = new Uint8Array(size)
  }

  /** Placed at random. */
  static random({ live, deadShare = 0.15, silentShare = 0.7 }: PopulationInit, random: Random): DhtPopulation {
    const size = live + Math.round((live * deadShare) / (1 - deadShare))
    const population = new DhtPopulation(size)
    // 53 bits sort fast as numbers
    const places = Float64Array.from({ length: size }, () => random.float()).sort()
    for (let node = 0; node < size; node++) {
      population.#place(node, places[node] ?? 0)
      population.x[node] = random.float()
      population.y[node] = random.float()
    }
    for (let dead = 0; dead < size - live;) {
      const node = random.int(size)
      if (population.fate[node] === FATE.answers) {
        population.fate[node] = random.float() < silentShare ? FATE.silent : FATE.refuses
        dead++
      }
    }
    return population
  }

  get size(): number {
    return this.high.length
  }

  position(node: number): DhtPosition {
    return { high: this.high[node] ?? 0, low: this.low[node] ?? 0 }
  }

  /** XOR distance as a share of the key space. */
  distance(node: number, { high, low }: DhtPosition): number {
    return (((this.high[node] ?? 0) ^ high) >>> 0) / 2 ** 32 + (((this.low[node] ?? 0) ^ low) >>> 0) / 2 ** 64
  }

  /** First and one past the last whose position begins with the `bits` first bits of `word`. */
  range(word: number, bits: number): [from: number, to: number] {
    if (bits <= 0) {
      return [0, this.size]
    }
    const width = 2 ** (32 - bits)
    const first = Math.floor(word / width) * width
    return [this.#rankOf(first), first + width >= 2 ** 32 ? this.size : this.#rankOf(first + width)]
  }

  /** The `count` nearest to `target` that `counts` lets through, nearest first. */
  nearest(target: DhtPosition, count = DHT_K, counts: (node: number) => boolean = () => true): number[] {
    for (let bits = Math.max(0, Math.ceil(Math.log2((this.size + 1) / count))); ; bits--) {
      const [from, to] = this.range(target.high, bits)
      const found: number[] = []
      for (let node = from; node < to; node++) {
        if (counts(node)) {
          found.push(node)
        }
      }
      if (found.length >= count || bits <= 0) {
        return this.sorted(found, target).slice(0, count)
      }
    }
  }

  sorted(nodes: number[], target: DhtPosition): number[] {
    return nodes.sort((a, b) => this.distance(a, target) - this.distance(b, target))
  }

  /** A node that answers. */
  anyLive(random: Random): number {
    for (;;) {
      const node = random.int(this.size)
      if (this.fate[node] === FATE.answers) {
        return node
      }
    }
  }

  /** The same with `count` Sybils nearer to `target` than the nearest honest node, or than the `outside`-th nearest. */
  crowded(target: DhtPosition, count: number, random: Random, outside = 1): DhtPopulation {
    const last = this.nearest(target, outside).at(-1) ?? 0
    const span = Math.max(1, Math.floor(this.distance(last, target) * 2 ** 32))
    const words = Array.from({ length: count }, () => (target.high ^ random.int(span)) >>> 0).sort((a, b) => a - b)
    const all = new DhtPopulation(this.size + count)
    for (let at = 0, from = 0, sybil = 0; at < all.size; at++) {
      const word = words[sybil]
      if (word !== undefined && (from >= this.size || word <= (this.high[from] ?? 0))) {
        all.high[at] = word
        all.low[at] = random.uint32()
        all.x[at] = random.float()
        all.y[at] = random.float()
        all.fate[at] = FATE.sybil
        sybil++
      } else {
        all.copy(at, this, from++)
      }
    }
    return all
  }

  copy(at: number, other: DhtPopulation, from: number): void {
    this.high[at] = other.high[from] ?? 0
    this.low[at] = other.low[from] ?? 0
    this.x[at] = other.x[from] ?? 0
    this.y[at] = other.y[from] ?? 0
    this.fate[at] = other.fate[from] ?? 0
  }

  #place(node: number, place: number): void {
    const scaled = place * 2 ** 32
    this.high[node] = Math.floor(scaled)
    this.low[node] = Math.floor((scaled - Math.floor(scaled)) * 2 ** 32)
  }

  #rankOf(word: number): number {
    let from = 0
    let to = this.size
    while (from < to) {
      const middle = (from + to) >>> 1
      if ((this.high[middle] ?? 0) < word) {
        from = middle + 1
      } else {
        to = middle
      }
    }
    return from
  }
}
