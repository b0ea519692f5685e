import { DHT_K } from '@p2pshare/testkit/sim'
import type { DhtAsk, DhtLookup, DhtPatience, DhtPosition, DhtStep, DhtWorld, Random } from '@p2pshare/testkit/sim'

/** kad-dht 16's defaults: paths, requests in flight of each, and puts at a time. */
const PATHS = 10
const ALPHA = 10

/** `findProviders` ends with so many, whoever they are. */
const ENOUGH_RECORDS = 20

/** No shorter than this for dial, stream and answer together; nothing happens before it. */
export const STOCK_PATIENCE: DhtPatience = { softMs: () => Infinity, hardMs: () => 5_000 }

interface StockAsk extends DhtAsk {
  readonly path: Path
}

interface Path {
  readonly queue: number[]
  /** Responders, the nearest `DHT_K`. */
  readonly closest: number[]
  waiting: number
}

/**
 * The rules of `@libp2p/kad-dht` 16, for comparison: ten paths that share what was seen, only strictly closer peers are
 * followed, the walk ends with its slowest contact, and puts come after it, ten at a time.
 */
export class StockLookup implements DhtLookup<StockAsk> {
  readonly #world: DhtWorld
  readonly #target: DhtPosition
  readonly #kind: 'find' | 'provide'
  readonly #paths: readonly Path[]
  readonly #seen = new Set<number>()
  readonly #responders: number[] = []
  #holders: number[] | undefined
  #putting = 0
  #records = 0

  constructor(kind: 'find' | 'provide', world: DhtWorld, self: number, target: DhtPosition, random: Random) {
    this.#kind = kind
    this.#world = world
    this.#target = target
    this.#paths = Array.from({ length: PATHS }, () => ({ queue: [], closest: [], waiting: 0 }))
    random.shuffle(world.known(self, target)).forEach((seed, at) => {
      this.#seen.add(seed)
      this.#paths[at % PATHS]?.queue.push(seed)
    })
  }

  step(): DhtStep<StockAsk> {
    const asks: StockAsk[] = []
    if (this.#records >= ENOUGH_RECORDS) {
      return { asks, puts: [], isDone: true }
    }
    this.#paths.forEach((path) => {
      this.#world.population.sorted(path.queue, this.#target)
      while (path.waiting < ALPHA && path.queue.length > 0) {
        const node = path.queue.shift() ?? 0
        if (this.#helps(path, node)) {
          path.waiting++
          asks.push({ node, target: this.#target, path })
        }
      }
    })
    if (this.#paths.some(({ waiting }) => waiting > 0)) {
      return { asks, puts: [], isDone: false }
    }
    if (this.#kind === 'find') {
      return { asks, puts: [], isDone: true }
    }
    this.#holders ??= this.#world.population.sorted(this.#responders, this.#target).slice(0, DHT_K)
    const puts = this.#holders.splice(0, ALPHA - this.#putting)
    this.#putting += puts.length
    return { asks, puts, isDone: this.#putting === 0 }
  }

  answered({ node, path }: StockAsk, closer: readonly number[], records: number): void {
    path.waiting--
    this.#records += records
    this.#responders.push(node)
    path.closest.push(node)
    this.#world.population.sorted(path.closest, this.#target).splice(DHT_K)
    const own = this.#distance(node)
    for (const each of closer) {
      if (!this.#seen.has(each) && this.#distance(each) < own && this.#helps(path, each)) {
        this.#seen.add(each)
        path.queue.push(each)
      }
    }
  }

  failed({ path }: StockAsk): void {
    path.waiting--
  }

  acked(): void {
    this.#putting--
  }

  refused(): void {
    this.#putting--
  }

  slow(): void {
    // it waits
  }

  putSlow(): void {
    // it waits
  }

  #helps({ closest }: Path, node: number): boolean {
    const last = closest[DHT_K - 1]
    return last === undefined || this.#distance(node) < this.#distance(last)
  }

  #distance(node: number): number {
    return this.#world.population.distance(node, this.#target)
  }
}
