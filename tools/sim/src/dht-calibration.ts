import { DHT_K, DhtPopulation, DhtWorld, FATE, kademliaTables, runOperation } from '@p2pshare/testkit/sim'
import type { DhtPatience, Random } from '@p2pshare/testkit/sim'
import type { ScenarioRun } from './figures.ts'
import { GoLookup } from './dht-go.ts'
import { Recorder } from './dht-recorder.ts'
import { anyPosition } from './dht-walks.ts'

/** Reachable servers of IPFS in April 2022 (RFM19). */
const IPFS_SERVERS = 15_371

/** Fitted to the hops of RFM17: contacts of a full bucket that an answer draws from. */
const USABLE_CONTACTS = 12

/** Fitted to the quartiles of RFM17: how unevenly strangers answer, and how long the dials to silent ones last. */
const SLOWNESS = 1
const SILENCES = [
  { upTo: 0.5, ms: 5_000 },
  { upTo: 0.85, ms: 10_000 },
  { upTo: 1, ms: 20_000 }
] as const

/** The IPFS network of 2022 with the classic rules of its nodes, as far as it was published. */
export function ipfsWalks(announcements: number, seed: number): ScenarioRun {
  const recorder = new Recorder(seed)
  const { random, hash } = recorder
  const population = DhtPopulation.random({ live: IPFS_SERVERS }, random)
  const tables = kademliaTables({ population, seed, bucket: USABLE_CONTACTS })
  const world = new DhtWorld({ population, tables, slowness: SLOWNESS })
  const patience = dialTimeouts(random)
  for (let round = 0; round < announcements; round++) {
    const self = population.anyLive(random)
    const target = anyPosition(random)
    const lookup = new GoLookup('provide', world, self, target)
    const result = runOperation({ world, self, target, lookup, patience, random, hash })
    recorder.ran(result)
    recorder.note('provide', result.doneAtMs)
    recorder.note('walk hops', Math.max(...[...result.asked].map((node) => result.hops.get(node) ?? 0)))
    const discovery = Math.max(...world.holders(target).map((node) => result.hops.get(node) ?? 0))
    recorder.note('near', Number(discovery <= 4))
    const listed = population.nearest(target)
    recorder.note('reached of 20', listed.filter((node) => world.answers(node)).length)
  }
  return recorder.run
}

/** What tables of the model hold. */
export function ipfsTables(nodes: number, seed: number): ScenarioRun {
  const recorder = new Recorder(seed)
  const { random } = recorder
  const population = DhtPopulation.random({ live: IPFS_SERVERS }, random)
  const world = new DhtWorld({ population, tables: kademliaTables({ population, seed }) })
  const isDead = (node: number): boolean => !world.answers(node)
  for (let round = 0; round < nodes; round++) {
    const self = population.anyLive(random)
    const position = population.position(self)
    const opposite = { high: (position.high ^ 0x80000000) >>> 0, low: 0 }
    world.known(self, opposite).forEach((node) => {
      recorder.note('dead in full buckets', Number(isDead(node)))
    })
    const around = population
      .nearest(position, DHT_K + 1, (node) => population.fate[node] === FATE.answers)
      .filter((node) => node !== self)
    const known = new Set(world.known(self, position, 3 * DHT_K))
    const near = [...known].filter((node) => population.distance(node, position) <= 10 / IPFS_SERVERS)
    near.forEach((node) => {
      recorder.note('dead around', Number(isDead(node)))
    })
    const missing = around.filter((node) => !known.has(node)).length
    recorder.note('knows all 20', Number(missing === 0))
    recorder.note('knows under 18', Number(missing > 2))
    recorder.hash.add(missing)
  }
  return recorder.run
}

function dialTimeouts(random: Random): DhtPatience {
  const timeouts = new Map<number, number>()
  return {
    softMs: () => Infinity,
    hardMs: (node) => {
      const known = timeouts.get(node)
      if (known !== undefined) {
        return known
      }
      const draw = random.float()
      const { ms } = SILENCES.find(({ upTo }) => draw < upTo) ?? SILENCES[0]
      timeouts.set(node, ms)
      return ms
    }
  }
}
