import { estimateHalfLife, nextProvideAt, provideIntervalMs } from '@p2pshare/dht/rules'
import type { HolderSeen } from '@p2pshare/dht/rules'
import { ChurningNetwork, DhtWorld, kademliaTables, runOperation } from '@p2pshare/testkit/sim'
import type { ChurnClass, DhtPosition, Random } from '@p2pshare/testkit/sim'
import type { ScenarioRun } from './figures.ts'
import { Recorder } from './dht-recorder.ts'
import { SHIPPED_PATIENCE, ShippedLookup } from './dht-shipped.ts'
import { anyPosition } from './dht-walks.ts'

const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS

/** The network is looked at so often. */
const STEP_MS = 10 * MINUTE_MS

/** Holders forget a record after this long. */
export const RECORD_VALIDITY_MS = 48 * HOUR_MS

/** Half of the nodes are replaced within two hours. */
export const HALF_IN_TWO_HOURS: readonly ChurnClass[] = [{ share: 1, meanMs: (2 * HOUR_MS) / Math.LN2 }]

/** 85 % stay for weeks, the others have a half-life of an hour: fitted to 15 of 20 holders alive after 80 h. */
export const IPFS_SERVERS: readonly ChurnClass[] = [
  { share: 0.85, meanMs: 640 * HOUR_MS },
  { share: 0.15, meanMs: HOUR_MS / Math.LN2 }
]

export interface ChurnSetting {
  readonly live: number
  readonly keys: number
  readonly hours: number
  readonly classes: readonly ChurnClass[]
  /** `once`: the provider never comes back; `adaptive`: the shipped rules; a number: every so many milliseconds. */
  readonly reprovide: 'once' | 'adaptive' | number
  /** How long holders name a record whose provider they have not met since; the shipped 48 h unless it is told. */
  readonly validityMs?: number
}

/** One key and who has its record. */
interface Announced {
  readonly target: DhtPosition
  /** By id of the holder: when it was told. */
  readonly holders: Map<number, number>
  /** Who confirmed the last announcement. */
  last: readonly number[]
  lastAt: number
  nextAt: number
  readonly spread: number
}

/** Keys announced again and again, or once, while nodes come and go; each is looked for every ten minutes. */
export function churns(setting: ChurnSetting, seed: number): ScenarioRun {
  const recorder = new Recorder(seed)
  const { live, classes, hours, keys } = setting
  const network = new ChurningNetwork({ live, classes, random: recorder.random })
  const announced = Array.from({ length: keys }, (): Announced => {
    const spread = recorder.random.float()
    return { target: anyPosition(recorder.random), holders: new Map(), last: [], lastAt: 0, nextAt: 0, spread }
  })
  const seen: HolderSeen[] = []
  for (let now = 0; now < hours * HOUR_MS; now += STEP_MS) {
    const { population, ids } = network.at(now)
    const world = new DhtWorld({ population, tables: kademliaTables({ population, seed }) })
    const moment = new Moment(world, ids, now, recorder, setting.validityMs ?? RECORD_VALIDITY_MS)
    for (const key of announced) {
      if (key.nextAt <= now) {
        seen.push(...moment.announce(key, live))
        key.nextAt = nextAt(setting, key, seen, now)
      }
      moment.look(key)
    }
  }
  recorder.note('keys', keys)
  recorder.passed(hours * HOUR_MS)
  return recorder.run
}

function nextAt({ reprovide }: ChurnSetting, { lastAt, spread }: Announced, seen: HolderSeen[], now: number): number {
  if (reprovide === 'once') {
    return Infinity
  }
  const interval = reprovide === 'adaptive' ? provideIntervalMs(estimateHalfLife(seen)) : reprovide
  return nextProvideAt({ lastAt, triedAt: lastAt, spread }, interval, now)
}

/** The network at one time. */
class Moment {
  readonly #world: DhtWorld
  readonly #ids: readonly number[]
  readonly #now: number
  readonly #recorder: Recorder
  readonly #validityMs: number
  readonly #there: ReadonlySet<number>

  constructor(world: DhtWorld, ids: readonly number[], now: number, recorder: Recorder, validityMs: number) {
    this.#world = world
    this.#ids = ids
    this.#now = now
    this.#recorder = recorder
    this.#validityMs = validityMs
    this.#there = new Set(ids.filter((_id, node) => world.answers(node)))
  }

  /** What is learnt about the former holders. */
  announce(key: Announced, nodes: number): HolderSeen[] {
    const elapsedMs = this.#now - key.lastAt
    const seen = key.last.map((id) => ({ elapsedMs, gone: !this.#there.has(id) }))
    const result = this.#run('provide', key.target, nodes)
    key.last = [...result.holders].map((node) => this.#ids[node] ?? 0)
    key.last.forEach((id) => key.holders.set(id, this.#now))
    key.lastAt = this.#now
    this.#recorder.note('announcements', 1)
    return seen
  }

  look({ target, holders, last }: Announced): void {
    const isFresh = (node: number): boolean => {
      const toldAt = holders.get(this.#ids[node] ?? -1)
      return toldAt !== undefined && this.#now - toldAt < this.#validityMs
    }
    const records = (node: number) => (isFresh(node) ? { count: 1, isTrue: true } : undefined)
    const { recordAtMs } = this.#run('find', target, undefined, records)
    this.#recorder.note('looked', 1)
    this.#recorder.note('found', Number(recordAtMs < Infinity))
    if (this.#now < 36 * HOUR_MS) {
      this.#recorder.note('found in 36 h', Number(recordAtMs < Infinity))
    }
    const alive = last.filter((id) => this.#there.has(id)).length
    this.#recorder.note(`alive at ${Math.floor(this.#now / HOUR_MS)} h`, alive)
  }

  #run(
    kind: 'find' | 'provide',
    target: DhtPosition,
    nodes?: number,
    records?: (node: number) => { count: number; isTrue: boolean } | undefined
  ) {
    const random: Random = this.#recorder.random
    const self = this.#world.population.anyLive(random)
    const common = { world: this.#world, self, target }
    const lookup = new ShippedLookup({ ...common, kind, ...(nodes === undefined ? {} : { nodes }) })
    const result = runOperation({
      ...common,
      lookup,
      patience: SHIPPED_PATIENCE,
      random,
      hash: this.#recorder.hash,
      ...(records === undefined ? {} : { records })
    })
    this.#recorder.ran(result)
    return result
  }
}
