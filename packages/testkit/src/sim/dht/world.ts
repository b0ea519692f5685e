import type { Random } from '../../random.ts'
import { FATE } from './population.ts'
import type { DhtPopulation } from './population.ts'
import { DHT_K } from './position.ts'
import type { DhtPosition } from './position.ts'
import type { DhtTables } from './tables.ts'

/** How long requests take, in milliseconds. */
export interface DhtDelays {
  /** A round trip next door, and to the other end of the map. */
  readonly nearRttMs: number
  readonly farRttMs: number
  /** Of a first request to a stranger: TCP, Noise, multiplexer and the request itself. */
  readonly dialRoundTrips: number
  /** Work of such a dial beside its round trips. */
  readonly dialMs: number
  /** Work of an answer, and at most so much more. */
  readonly serveMs: number
  readonly serveJitterMs: number
  /** All nodes share one processor, as those of one process do: work waits for work. */
  readonly sharedProcessor: boolean
}

/** What becomes of a request. */
export interface RequestOutcome {
  readonly ok: boolean
  /** On the way; `Infinity`: it never comes back. */
  readonly wireMs: number
  /** Of a processor. */
  readonly workMs: number
}

/** The world: the study's map. */
export const WIDE_AREA: DhtDelays = Object.freeze({
  nearRttMs: 10,
  farRttMs: 250,
  dialRoundTrips: 4,
  dialMs: 0,
  serveMs: 2,
  serveJitterMs: 8,
  sharedProcessor: false
})

export interface WorldInit {
  readonly population: DhtPopulation
  readonly tables: DhtTables
  /** The way to strangers takes longer by a lognormal factor with this sigma: busy hosts, relays, lost packets. @default 0 */
  readonly slowness?: number
  /** @default WIDE_AREA */
  readonly delays?: DhtDelays
}

/** A network as one lookup meets it: nobody comes or goes meanwhile. */
export class DhtWorld {
  readonly population: DhtPopulation
  readonly #tables: DhtTables
  readonly #slowness: number
  readonly delays: DhtDelays
  readonly #sybils: readonly number[]

  constructor({ population, tables, slowness = 0, delays = WIDE_AREA }: WorldInit) {
    this.population = population
    this.#tables = tables
    this.#slowness = slowness
    this.delays = delays
    const sybils: number[] = []
    population.fate.forEach((fate, node) => {
      if (fate === FATE.sybil) {
        sybils.push(node)
      }
    })
    this.#sybils = sybils
  }

  /** What `node` answers when it is asked for the nearest. Sybils name each other. */
  known(node: number, target: DhtPosition, count = DHT_K): readonly number[] {
    return this.isSybil(node)
      ? this.population.sorted([...this.#sybils], target).slice(0, count)
      : this.#tables.known(node, target, count)
  }

  /** The honest that answer, nearest first: where records should be. */
  holders(target: DhtPosition, count = DHT_K): readonly number[] {
    return this.population.nearest(target, count, (node) => this.population.fate[node] === FATE.answers)
  }

  isSybil(node: number): boolean {
    return this.population.fate[node] === FATE.sybil
  }

  /** Honest or not. */
  answers(node: number): boolean {
    const fate = this.population.fate[node]
    return fate === FATE.answers || fate === FATE.sybil
  }

  rttMs(a: number, b: number): number {
    const { x, y } = this.population
    const share = Math.hypot((x[a] ?? 0) - (x[b] ?? 0), (y[a] ?? 0) - (y[b] ?? 0)) / Math.SQRT2
    const { nearRttMs, farRttMs } = this.delays
    return nearRttMs + (farRttMs - nearRttMs) * share
  }

  outcome(from: number, to: number, connected: boolean, random: Random): RequestOutcome {
    const rtt = this.rttMs(from, to)
    switch (this.population.fate[to]) {
      case FATE.refuses:
        return { ok: false, wireMs: rtt, workMs: 0 }
      case FATE.silent:
        return { ok: false, wireMs: Infinity, workMs: 0 }
      default: {
        const { dialRoundTrips, dialMs, serveMs, serveJitterMs } = this.delays
        const serve = serveMs + serveJitterMs * random.float()
        return connected
          ? { ok: true, wireMs: rtt, workMs: serve }
          : { ok: true, wireMs: dialRoundTrips * rtt * this.#slow(random), workMs: dialMs + serve }
      }
    }
  }

  #slow(random: Random): number {
    return this.#slowness === 0 ? 1 : Math.exp(this.#slowness * normal(random))
  }
}

/** Normally distributed, by Box and Muller. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.float())) * Math.cos(2 * Math.PI * random.float())
}
