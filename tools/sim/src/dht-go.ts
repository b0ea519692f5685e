import { DHT_K } from '@p2pshare/testkit/sim'
import type { DhtAsk, DhtLookup, DhtPosition, DhtStep, DhtWorld } from '@p2pshare/testkit/sim'

/** go-libp2p-kad-dht's: requests in flight, and how many nearest must have answered. */
const ALPHA = 10
const BETA = 3

type Status = 'heard' | 'asked' | 'answered' | 'failed'

/**
 * The classic rules of go-libp2p-kad-dht, which the published figures of IPFS were measured with: one walk until the three
 * nearest have answered, then all of the 20 nearest are asked, and told at once when all have answered or failed.
 */
export class GoLookup implements DhtLookup {
  readonly #world: DhtWorld
  readonly #target: DhtPosition
  readonly #kind: 'find' | 'provide'
  readonly #status = new Map<number, Status>()
  readonly #sorted: number[] = []
  #phase: 'walk' | 'follow' | 'put' = 'walk'
  #waiting = 0
  #putting = 0

  constructor(kind: 'find' | 'provide', world: DhtWorld, self: number, target: DhtPosition) {
    this.#kind = kind
    this.#world = world
    this.#target = target
    this.#hear(world.known(self, target))
  }

  /** The 20 nearest that have not failed. */
  get closest(): readonly number[] {
    return this.#sorted.filter((node) => this.#status.get(node) !== 'failed').slice(0, DHT_K)
  }

  step(): DhtStep<DhtAsk> {
    const closest = this.closest
    if (this.#phase === 'walk') {
      if (this.#isAtGoal(closest)) {
        this.#phase = 'follow'
      } else {
        const next = closest.filter((node) => this.#status.get(node) === 'heard').slice(0, ALPHA - this.#waiting)
        return { asks: this.#ask(next), puts: [], isDone: false }
      }
    }
    if (this.#phase === 'follow') {
      const asks = this.#ask(closest.filter((node) => this.#status.get(node) === 'heard'))
      if (closest.some((node) => this.#status.get(node) !== 'answered')) {
        return { asks, puts: [], isDone: false }
      }
      this.#phase = 'put'
      const puts = this.#kind === 'provide' ? closest : []
      this.#putting = puts.length
      return { asks, puts, isDone: puts.length === 0 }
    }
    return { asks: [], puts: [], isDone: this.#putting === 0 }
  }

  answered({ node }: DhtAsk, closer: readonly number[]): void {
    this.#settle(node, 'answered')
    if (this.#phase === 'walk') {
      this.#hear(closer)
    }
  }

  failed({ node }: DhtAsk): void {
    this.#settle(node, 'failed')
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

  #isAtGoal(closest: readonly number[]): boolean {
    const isOver = closest.slice(0, BETA).every((node) => this.#status.get(node) === 'answered')
    return isOver || (this.#waiting === 0 && closest.every((node) => this.#status.get(node) !== 'heard'))
  }

  #ask(nodes: readonly number[]): DhtAsk[] {
    this.#waiting += nodes.length
    return nodes.map((node) => {
      this.#status.set(node, 'asked')
      return { node, target: this.#target }
    })
  }

  #settle(node: number, status: Status): void {
    this.#waiting--
    this.#status.set(node, status)
  }

  #hear(nodes: readonly number[]): void {
    for (const node of nodes) {
      if (!this.#status.has(node)) {
        this.#status.set(node, 'heard')
        this.#sorted.push(node)
      }
    }
    this.#world.population.sorted(this.#sorted, this.#target)
  }
}
