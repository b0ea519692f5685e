import {
  DEPTH_LOOKUPS,
  Exploration,
  holdersIn,
  isUnder,
  MAX_SINGLE_KEYS,
  partsWith,
  provideIntervalMs,
  regionsOf,
  sweepDepth,
  SweepSchedule,
  turnOf
} from '@p2pshare/dht/rules'
import type { Contact, Position, SweepTurn } from '@p2pshare/dht/rules'
import { runOperation } from '@p2pshare/testkit/sim'
import type { DhtWorld } from '@p2pshare/testkit/sim'
import type { ScenarioRun } from './figures.ts'
import { Recorder } from './dht-recorder.ts'
import { SHIPPED_PATIENCE, ShippedLookup } from './dht-shipped.ts'
import { anyPosition, worldOf } from './dht-walks.ts'

const INTERVAL_MS = provideIntervalMs(Infinity)

/** Every so many keys are compared with the true holders. */
const CHECKED = 200

export interface SweepSetting {
  readonly live: number
  readonly keys: number
}

/** One node announces many keys again, twice over: by parts of the key space, with the shipped rules. */
export function sweeps({ live, keys }: SweepSetting, seed: number): ScenarioRun {
  const recorder = new Recorder(seed)
  const world = worldOf({ live }, recorder)
  const all = Array.from({ length: keys }, () => anyPosition(recorder.random))
  const sweep = new Sweep(world, all, recorder)
  recorder.note('lookups, first cycle', sweep.cycle(0))
  recorder.note('lookups', sweep.cycle(INTERVAL_MS))
  recorder.passed(2 * INTERVAL_MS)
  recorder.note('keys announced', sweep.announced / (2 * keys))
  return recorder.run
}

class Sweep {
  announced = 0
  readonly #world: DhtWorld
  readonly #keys: readonly Position[]
  readonly #recorder: Recorder
  readonly #self: number
  readonly #order: Position
  readonly #schedule: SweepSchedule
  #lookups = 0

  constructor(world: DhtWorld, keys: readonly Position[], recorder: Recorder) {
    this.#world = world
    this.#keys = keys
    this.#recorder = recorder
    this.#self = world.population.anyLive(recorder.random)
    this.#order = world.population.position(this.#self)
    this.#schedule = new SweepSchedule({ order: this.#order, intervalMs: INTERVAL_MS })
    const samples = Array.from({ length: DEPTH_LOOKUPS }, () => this.#closest(anyPosition(recorder.random)))
    for (const part of partsWith(keys, sweepDepth(samples))) {
      this.#schedule.add(part, turnOf(part, this.#order) * INTERVAL_MS)
    }
  }

  /** Everything whose turn is in the interval from `start`: how many lookups it took. */
  cycle(start: number): number {
    this.#lookups = 0
    for (let turn = this.#schedule.next(); turn !== undefined; turn = this.#schedule.next()) {
      if (turn.at >= start + INTERVAL_MS) {
        break
      }
      this.#take(turn)
    }
    return this.#lookups
  }

  #take({ prefix, at }: SweepTurn): void {
    const own = this.#keys.filter((key) => isUnder(key, prefix))
    if (own.length <= MAX_SINGLE_KEYS) {
      own.forEach((key) => {
        this.#told(key, this.#closest(key))
      })
      this.#schedule.done(prefix, [prefix], at)
      return
    }
    const exploration = new Exploration<Contact>(prefix, this.#order)
    for (let target = exploration.next(); target !== undefined; target = exploration.next()) {
      exploration.found(this.#closest(target))
    }
    const regions = regionsOf(exploration.prefix, exploration.contacts)
    const inside = this.#keys.filter((key) => isUnder(key, exploration.prefix))
    for (const region of regions) {
      this.#recorder.note('connections', region.contacts.length)
      for (const key of inside.filter((each) => isUnder(each, region.prefix))) {
        this.#told(key, holdersIn(region, key))
      }
    }
    const parts = regions.map((region) => region.prefix)
    this.#schedule.done(exploration.prefix, parts, at)
  }

  #told(key: Position, contacts: readonly Contact[]): void {
    if (this.announced++ % CHECKED === 0) {
      const truth = new Set(this.#world.holders(key).map(String))
      this.#recorder.note('in true 20', contacts.filter(({ key: node }) => truth.has(node)).length)
    }
  }

  #closest(target: Position): readonly Contact[] {
    const { random, hash } = this.#recorder
    this.#lookups++
    const common = { world: this.#world, self: this.#self, target }
    const lookup = new ShippedLookup({ ...common, kind: 'find' })
    const result = runOperation({ ...common, lookup, patience: SHIPPED_PATIENCE, random, hash })
    this.#recorder.ran(result)
    this.#recorder.note('messages a lookup', result.messages)
    return lookup.rules.closest
  }
}
