import type { Random } from '../../random.ts'
import { DhtPopulation, FATE } from './population.ts'

/** A part of the servers that stay equally long: exponentially, with this mean. Who leaves is replaced by one of its kind. */
export interface ChurnClass {
  readonly share: number
  readonly meanMs: number
}

export interface ChurningInit {
  readonly live: number
  readonly classes: readonly ChurnClass[]
  readonly random: Random
  /** Of all that anybody still lists: tables name those who left until they are so many. @default 0.15 */
  readonly deadShare?: number
  /** Of the dead. @default 0.7 */
  readonly silentShare?: number
}

/** Somebody, from coming to being forgotten. */
interface Resident {
  readonly id: number
  readonly place: number
  readonly low: number
  readonly x: number
  readonly y: number
  readonly churn: ChurnClass
  readonly leavesAt: number
  readonly fateAfter: number
}

/** A network at one moment. */
export interface Snapshot {
  readonly population: DhtPopulation
  /** By node of the population: who it is, at any time. */
  readonly ids: readonly number[]
}

/** A network whose nodes leave and are replaced by others, elsewhere in the key space. Times in milliseconds. */
export class ChurningNetwork {
  readonly #init: ChurningInit
  readonly #lingerMs: number
  #residents: Resident[]
  #gone: Resident[] = []
  #next = 0

  constructor(init: ChurningInit) {
    this.#init = init
    const { live, classes, deadShare = 0.15 } = init
    const perMs = classes.reduce((sum, { share, meanMs }) => sum + share / meanMs, 0)
    this.#lingerMs = deadShare / (1 - deadShare) / perMs
    this.#residents = classes.flatMap((churn) =>
      Array.from({ length: Math.round(live * churn.share) }, () => this.#arrive(churn, 0))
    )
  }

  /** Whoever is there at `now`; never earlier than before. */
  at(now: number): Snapshot {
    this.#residents = this.#residents.map((each) => this.#successor(each, now))
    this.#gone = this.#gone.filter(({ leavesAt }) => now - leavesAt < this.#lingerMs)
    return this.#snapshot(
      [...this.#residents, ...this.#gone].sort((a, b) => a.place - b.place),
      now
    )
  }

  #successor(resident: Resident, now: number): Resident {
    let current = resident
    while (current.leavesAt <= now) {
      this.#gone.push(current)
      current = this.#arrive(current.churn, current.leavesAt)
    }
    return current
  }

  #arrive(churn: ChurnClass, now: number): Resident {
    const { random, silentShare = 0.7 } = this.#init
    return {
      id: this.#next++,
      place: random.uint32(),
      low: random.uint32(),
      x: random.float(),
      y: random.float(),
      churn,
      leavesAt: now - Math.log(1 - random.float()) * churn.meanMs,
      fateAfter: random.float() < silentShare ? FATE.silent : FATE.refuses
    }
  }

  #snapshot(sorted: readonly Resident[], now: number): Snapshot {
    const population = new DhtPopulation(sorted.length)
    sorted.forEach(({ place, low, x, y, leavesAt, fateAfter }, node) => {
      population.high[node] = place
      population.low[node] = low
      population.x[node] = x
      population.y[node] = y
      population.fate[node] = leavesAt <= now ? fateAfter : FATE.answers
    })
    return { population, ids: sorted.map(({ id }) => id) }
  }
}
