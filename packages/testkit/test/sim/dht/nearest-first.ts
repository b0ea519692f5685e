import { seededRandom } from '../../../src/random.ts'
import type { DhtAsk, DhtLookup, DhtStep } from '../../../src/sim/dht/lookup.ts'
import { DhtPopulation } from '../../../src/sim/dht/population.ts'
import type { DhtPosition } from '../../../src/sim/dht/position.ts'
import { kademliaTables } from '../../../src/sim/dht/tables.ts'
import { DhtWorld } from '../../../src/sim/dht/world.ts'

/** The simplest that works: asks the 20 nearest it has heard of, three at a time, and tells those that answered. */
export class NearestFirst implements DhtLookup {
  readonly slowed: number[] = []
  readonly lost: number[] = []
  readonly #world: DhtWorld
  readonly #target: DhtPosition
  readonly #heard = new Map<number, 'heard' | 'asked' | 'answered' | 'failed'>()
  #waiting = 0
  #puts: number[] | undefined

  constructor(world: DhtWorld, self: number, target: DhtPosition) {
    this.#world = world
    this.#target = target
    this.#hear(world.known(self, target))
  }

  step(): DhtStep<DhtAsk> {
    const usable = [...this.#heard].flatMap(([node, status]) => (status === 'failed' ? [] : [node]))
    const nearest = this.#world.population.sorted(usable, this.#target).slice(0, 20)
    const asks = nearest.filter((node) => this.#heard.get(node) === 'heard').slice(0, 3 - this.#waiting)
    asks.forEach((node) => this.#heard.set(node, 'asked'))
    this.#waiting += asks.length
    if (this.#waiting > 0 || this.#puts !== undefined) {
      return {
        asks: asks.map((node) => ({ node, target: this.#target })),
        puts: [],
        isDone: this.#puts?.length === 0
      }
    }
    this.#puts = [...nearest]
    return { asks: [], puts: nearest, isDone: nearest.length === 0 }
  }

  answered({ node }: DhtAsk, closer: readonly number[]): void {
    this.#waiting--
    this.#heard.set(node, 'answered')
    this.#hear(closer)
  }

  failed({ node }: DhtAsk): void {
    this.#waiting--
    this.lost.push(node)
    this.#heard.set(node, 'failed')
  }

  slow({ node }: DhtAsk): void {
    this.slowed.push(node)
  }

  acked(node: number): void {
    this.#puts = this.#puts?.filter((each) => each !== node)
  }

  refused(node: number): void {
    this.acked(node)
  }

  putSlow(): void {
    // it waits
  }

  #hear(nodes: readonly number[]): void {
    nodes.forEach((node) => {
      if (!this.#heard.has(node)) {
        this.#heard.set(node, 'heard')
      }
    })
  }
}

export function smallWorld(seed: number, live: number, deadShare = 0.15): DhtWorld {
  const population = DhtPopulation.random({ live, deadShare }, seededRandom(`world ${seed}`))
  return new DhtWorld({ population, tables: kademliaTables({ population, seed }) })
}
