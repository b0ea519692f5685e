import { estimateSize } from '@p2pshare/dht/rules'
import type { SizeSample } from '@p2pshare/dht/rules'
import { DHT_K, DhtWorld, kademliaTables, runOperation } from '@p2pshare/testkit/sim'
import type { DhtAsk, DhtPosition, OperationInit } from '@p2pshare/testkit/sim'
import type { ScenarioRun } from './figures.ts'
import { Recorder } from './dht-recorder.ts'
import { SHIPPED_PATIENCE, ShippedLookup } from './dht-shipped.ts'
import type { ShippedInit } from './dht-shipped.ts'
import { StockLookup, STOCK_PATIENCE } from './dht-stock.ts'
import { anyPosition, worldOf } from './dht-walks.ts'

/** Lookups that a node's estimate of the size comes from, and those it is drawn from. */
const OWN_LOOKUPS = 10
const ALL_LOOKUPS = 60

/** False providers in each answer of a Sybil. */
const LIES = 20

/** Stock takes many more messages: it is run for one key of so many. */
const STOCK_EVERY = 4

/** Who attacks, and what the honest know. */
export interface AttackSetting {
  readonly live: number
  readonly sybils: number
  /** Keys that are attacked, one after the other. */
  readonly keys: number
  /** Do not tell the lookup how large the network is: then it knows no alarm. @default false */
  readonly plain?: boolean
  /** When the record was put: among the Sybils, or by somebody who reached the true holders before. @default 'during' */
  readonly put?: 'during' | 'before'
  readonly deadShare?: number
  /** Spread over the neighbourhood of the 20 nearest instead of nearer than all of them. @default false */
  readonly spread?: boolean
}

/** Keys whose neighbourhood is taken by Sybils, which name each other and false providers; announced and looked for. */
export function attacks({ live, sybils, keys, ...setting }: AttackSetting, seed: number): ScenarioRun {
  const recorder = new Recorder(seed)
  const { random, hash } = recorder
  const honest = worldOf({ live, ...setting }, recorder)
  const samples = sizeSamples(honest, recorder)
  const estimate = (): Pick<ShippedInit, 'nodes' | 'ranks'> => {
    const own = random.shuffle(samples).slice(0, OWN_LOOKUPS)
    const size = setting.plain === true ? undefined : estimateSize(own, 0)
    return size === undefined ? {} : { nodes: size.nodes, ranks: size.ranks }
  }
  const outside = setting.spread === true ? DHT_K : 1
  for (let key = 0; key < keys; key++) {
    const target = anyPosition(random)
    const population = sybils === 0 ? honest.population : honest.population.crowded(target, sybils, random, outside)
    const world = new DhtWorld({ population, tables: kademliaTables({ population, seed }) })
    const common = { world, target, random, hash }
    const provider = population.anyLive(random)
    const provide = new ShippedLookup({ world, self: provider, target, kind: 'provide', ...estimate() })
    const put = runOperation({ ...common, self: provider, lookup: provide, patience: SHIPPED_PATIENCE })
    recorder.ran(put)
    recorder.note('provide alarm', Number(provide.rules.alarm))
    recorder.note('provide messages', put.messages)
    const holders = setting.put === 'before' ? new Set(world.holders(target)) : put.holders
    const records = recordsOf(world, holders)
    const self = population.anyLive(random)
    const search = new ShippedLookup({ world, self, target, kind: 'find', ...estimate() })
    const found = runOperation({ ...common, self, records, lookup: search, patience: SHIPPED_PATIENCE })
    recorder.ran(found)
    recorder.note('found', Number(found.recordAtMs < Infinity))
    recorder.note('find messages', found.messages)
    recorder.note('find time', found.recordAtMs)
    if (sybils > 0 && key % STOCK_EVERY === 0) {
      recorder.note('stock found', Number(stockFinds(world, target, [provider, self], recorder)))
    }
  }
  return recorder.run
}

/** What a node thinks of the size of the network after ten lookups, as a share of the truth. */
export function sizes({ live, estimates }: { live: number; estimates: number }, seed: number): ScenarioRun {
  const recorder = new Recorder(seed)
  const samples = sizeSamples(worldOf({ live }, recorder), recorder)
  for (let round = 0; round < estimates; round++) {
    const own = recorder.random.shuffle(samples).slice(0, OWN_LOOKUPS)
    recorder.note('size', (estimateSize(own, 0)?.nodes ?? 0) / live)
  }
  return recorder.run
}

/** Whether stock rules find what stock rules announced, by and for the same nodes. */
function stockFinds(
  world: DhtWorld,
  target: DhtPosition,
  [provider, self]: readonly [number, number],
  { random, hash }: Recorder
): boolean {
  const common = { world, target, random, hash, patience: STOCK_PATIENCE }
  const provide = new StockLookup('provide', world, provider, target, random)
  const { holders } = runOperation({ ...common, self: provider, lookup: provide })
  const search = new StockLookup('find', world, self, target, random)
  const found = runOperation({ ...common, self, lookup: search, records: recordsOf(world, holders) })
  return found.recordAtMs < Infinity
}

/** Sybils name providers that are none. */
function recordsOf(world: DhtWorld, holders: ReadonlySet<number>): NonNullable<OperationInit<DhtAsk>['records']> {
  return (node) =>
    world.isSybil(node) ? { count: LIES, isTrue: false } : holders.has(node) ? { count: 1, isTrue: true } : undefined
}

/** What lookups of random keys tell about the size, before anybody attacks. */
function sizeSamples(world: DhtWorld, recorder: Recorder): SizeSample[] {
  const { random, hash } = recorder
  return Array.from({ length: ALL_LOOKUPS }, () => {
    const target = anyPosition(random)
    const self = world.population.anyLive(random)
    const lookup = new ShippedLookup({ world, self, target, kind: 'find' })
    recorder.ran(runOperation({ world, self, target, lookup, patience: SHIPPED_PATIENCE, random, hash }))
    return lookup.rules.sample(0)
  }).filter((sample) => sample !== undefined)
}
