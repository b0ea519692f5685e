import { HARD_TIMEOUT_MS, softTimeoutMs } from '@p2pshare/dht/rules'
import { DhtPopulation, DhtWorld, runOperation, trieTables } from '@p2pshare/testkit/sim'
import type { DhtPatience, OperationResult } from '@p2pshare/testkit/sim'
import { Recorder } from './dht-recorder.ts'
import { ShippedLookup } from './dht-shipped.ts'
import { StockLookup, STOCK_PATIENCE } from './dht-stock.ts'
import { anyPosition, findableAtMs } from './dht-walks.ts'
import { Pool } from './figures.ts'

/** Operations of each kind a seed. */
const ROUNDS = 50

/** The table of the shipped service. */
const PREFIX_BITS = 12

/** The machine and the network that the prediction is for. */
export interface DhtPredictInit {
  readonly sizes: readonly number[]
  readonly seeds: number
  /** Nodes that accept connections and never answer. */
  readonly silentShare: number
  readonly rttMs: number
  /** Work of opening a connection, and of an answer. */
  readonly dialMs: number
  readonly serveMs: number
  /** Of the nearest contacts in the own table. */
  readonly connectedShare: number
}

/** What real nodes should show; times in milliseconds. */
export interface DhtPrediction {
  readonly nodes: number
  readonly operations: number
  readonly rules: 'shipped' | 'stock'
  readonly findableP50Ms: number
  readonly findableMaxMs: number
  readonly completeP50Ms: number
  readonly provideMessages: number
  readonly holders: number
  readonly firstRecordP50Ms: number
  readonly findRequests: number
}

/** All nodes share one processor, as those of one process do; nobody else uses it. */
export function predictDht(init: DhtPredictInit): readonly DhtPrediction[] {
  return init.sizes.flatMap((nodes) => {
    const runs = Array.from({ length: init.seeds }, (_, at) => operations(nodes, init, at + 1).run)
    const pool = new Pool(runs)
    return (['shipped', 'stock'] as const).map((rules) => ({
      nodes,
      operations: pool.count(`${rules} findable`),
      rules,
      findableP50Ms: pool.median(`${rules} findable`),
      findableMaxMs: pool.max(`${rules} findable`),
      completeP50Ms: pool.median(`${rules} complete`),
      provideMessages: pool.mean(`${rules} messages`),
      holders: pool.mean(`${rules} holders`),
      firstRecordP50Ms: pool.median(`${rules} first record`),
      findRequests: pool.mean(`${rules} requests`)
    }))
  })
}

function operations(nodes: number, init: DhtPredictInit, seed: number): Recorder {
  const { silentShare, rttMs, dialMs, serveMs, connectedShare } = init
  const recorder = new Recorder(seed)
  const { random, hash } = recorder
  const live = Math.round(nodes * (1 - silentShare))
  const population = DhtPopulation.random({ live, deadShare: silentShare, silentShare: 1 }, random)
  const tables = trieTables({ population, seed, prefixBits: PREFIX_BITS, deadInFull: silentShare, unknown: 0 })
  const delays = {
    nearRttMs: rttMs,
    farRttMs: rttMs,
    dialRoundTrips: 1,
    dialMs,
    serveMs,
    serveJitterMs: serveMs,
    sharedProcessor: true
  }
  const world = new DhtWorld({ population, tables, delays })
  const patience: DhtPatience = {
    softMs: (connected) => softTimeoutMs({ connected, p95Ms: connected ? rttMs : rttMs + dialMs }),
    hardMs: () => HARD_TIMEOUT_MS
  }
  for (let round = 0; round < ROUNDS; round++) {
    const target = anyPosition(random)
    const common = { world, target, random, hash, connectedShare }
    const provider = population.anyLive(random)
    const provide = new ShippedLookup({ world, self: provider, target, kind: 'provide', nodes: live })
    const put = runOperation({ ...common, self: provider, lookup: provide, patience })
    noteProvide(recorder, 'shipped', put, findableAtMs(provide, put))
    const stockProvide = new StockLookup('provide', world, provider, target, random)
    const stockPut = runOperation({ ...common, self: provider, lookup: stockProvide, patience: STOCK_PATIENCE })
    noteProvide(recorder, 'stock', stockPut, stockPut.doneAtMs)
    const self = population.anyLive(random)
    const records = (node: number) => (put.holders.has(node) ? { count: 1, isTrue: true } : undefined)
    const search = new ShippedLookup({ world, self, target, kind: 'find', nodes: live })
    noteFind(recorder, 'shipped', runOperation({ ...common, self, records, lookup: search, patience }))
    const stockSearch = new StockLookup('find', world, self, target, random)
    const found = runOperation({ ...common, self, records, lookup: stockSearch, patience: STOCK_PATIENCE })
    noteFind(recorder, 'stock', found)
  }
  return recorder
}

function noteProvide(recorder: Recorder, rules: string, result: OperationResult, findableMs: number): void {
  recorder.ran(result)
  recorder.note(`${rules} findable`, findableMs)
  recorder.note(`${rules} complete`, result.doneAtMs)
  recorder.note(`${rules} messages`, result.messages)
  recorder.note(`${rules} holders`, result.holders.size)
}

function noteFind(recorder: Recorder, rules: string, result: OperationResult): void {
  recorder.ran(result)
  recorder.note(`${rules} first record`, result.recordAtMs)
  recorder.note(`${rules} requests`, result.recordMessages)
}
