import { FINDABLE_ACKS } from '@p2pshare/dht/rules'
import { DHT_K, DhtPopulation, DhtWorld, kademliaTables, runOperation, trieTables } from '@p2pshare/testkit/sim'
import type { DhtPosition, OperationResult, Random } from '@p2pshare/testkit/sim'
import type { ScenarioRun } from './figures.ts'
import { Recorder } from './dht-recorder.ts'
import { SHIPPED_PATIENCE, ShippedLookup } from './dht-shipped.ts'
import { StockLookup, STOCK_PATIENCE } from './dht-stock.ts'

/** Which tables the nodes have. */
export interface WalkSetting {
  readonly live: number
  /** Lookups a seed. */
  readonly lookups: number
  /** kad-dht's trie of so many bits instead of Kademlia's buckets at every depth. */
  readonly prefixBits?: number
  /** Of the contacts in buckets around a key. */
  readonly deadShare?: number
  /** The baseline runs beside it. @default true */
  readonly stock?: boolean
}

export function worldOf({ live, prefixBits, deadShare }: Omit<WalkSetting, 'lookups'>, recorder: Recorder): DhtWorld {
  const population = DhtPopulation.random({ live, ...(deadShare === undefined ? {} : { deadShare }) }, recorder.random)
  const init = { population, seed: recorder.seed }
  return new DhtWorld({
    population,
    tables: prefixBits === undefined ? kademliaTables(init) : trieTables({ ...init, prefixBits })
  })
}

export function anyPosition(random: Random): DhtPosition {
  return { high: random.uint32(), low: random.uint32() }
}

/** Announcements of the shipped rules and of stock, of random keys by random nodes. */
export function provides(setting: WalkSetting, seed: number): ScenarioRun {
  const recorder = new Recorder(seed)
  const world = worldOf(setting, recorder)
  for (let round = 0; round < setting.lookups; round++) {
    const { random, hash } = recorder
    const self = world.population.anyLive(random)
    const target = anyPosition(random)
    // nobody tells itself
    const truth = new Set(
      world
        .holders(target, DHT_K + 1)
        .filter((node) => node !== self)
        .slice(0, DHT_K)
    )
    const common = { world, self, target, random, hash }
    const lookup = new ShippedLookup({ ...common, kind: 'provide', nodes: setting.live })
    const ours = runOperation({ ...common, lookup, patience: SHIPPED_PATIENCE })
    recorder.ran(ours)
    recorder.note('findable', findableAtMs(lookup, ours))
    recorder.note('complete', ours.doneAtMs)
    recorder.note('in true 20', [...ours.holders].filter((node) => truth.has(node)).length)
    recorder.note('holders', ours.holders.size)
    recorder.note('messages', ours.messages)
    recorder.note('alarm', Number(lookup.rules.alarm))
    if (setting.stock !== false) {
      const stockLookup = new StockLookup('provide', world, self, target, random)
      const stock = runOperation({ ...common, lookup: stockLookup, patience: STOCK_PATIENCE })
      recorder.ran(stock)
      recorder.note('stock done', stock.doneAtMs)
      recorder.note('stock messages', stock.messages)
      recorder.note('stock in true 20', [...stock.holders].filter((node) => truth.has(node)).length)
    }
  }
  return recorder.run
}

/** With an alarm only everybody in the region makes it findable. */
export function findableAtMs({ rules }: ShippedLookup, { ackAtMs, doneAtMs }: OperationResult): number {
  return rules.alarm ? doneAtMs : (ackAtMs[FINDABLE_ACKS - 1] ?? Infinity)
}

/** Searches for records that 15 of the 20 nearest still have. */
export function finds(setting: WalkSetting, seed: number, holding = 15): ScenarioRun {
  const recorder = new Recorder(seed)
  const world = worldOf(setting, recorder)
  for (let round = 0; round < setting.lookups; round++) {
    const { random, hash } = recorder
    const self = world.population.anyLive(random)
    const target = anyPosition(random)
    const holders = new Set(random.shuffle(world.holders(target)).slice(0, holding))
    const records = (node: number) => (holders.has(node) ? { count: 1, isTrue: true } : undefined)
    const common = { world, self, target, random, hash, records }
    const lookup = new ShippedLookup({ ...common, kind: 'find', nodes: setting.live })
    const ours = runOperation({ ...common, lookup, patience: SHIPPED_PATIENCE })
    recorder.ran(ours)
    recorder.note('first record', ours.recordAtMs)
    recorder.note('messages', ours.recordMessages)
    recorder.note('missed', Number(ours.recordAtMs === Infinity))
    if (setting.stock !== false) {
      const stockLookup = new StockLookup('find', world, self, target, random)
      const stock = runOperation({ ...common, lookup: stockLookup, patience: STOCK_PATIENCE })
      recorder.ran(stock)
      recorder.note('stock first record', stock.recordAtMs)
      recorder.note('stock messages', stock.recordMessages)
    }
  }
  return recorder.run
}
