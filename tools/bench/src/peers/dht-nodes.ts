// One network of the DHT bench in a process of its own: `dht-nodes.ts <kind> <nodes> <black holes> <rounds> <settle ms> <seed>`.
// Prints one line of JSON.
import { measureDelays, measureRound } from '../dht/measure.ts'
import type { Round } from '../dht/measure.ts'
import { startNetwork } from '../dht/nodes.ts'
import type { Kind } from '../dht/nodes.ts'

/** What a process measured. */
export interface DhtRun {
  readonly rounds: readonly Round[]
  readonly rttMs: readonly number[]
  readonly dialMs: readonly number[]
  readonly cpuSeconds: number
}

const [kind = 'p2pshare', nodes, blackHoles, rounds, settleMs, seed] = process.argv.slice(2)
const random = randomNumbers(Number(seed))
const network = await startNetwork({
  kind: kind as Kind,
  nodes: Number(nodes),
  blackHoles: Number(blackHoles),
  settleMs: Number(settleMs),
  random
})
const cpu = process.cpuUsage()
const measured: Round[] = []
for (let n = 0; n < Number(rounds); n++) {
  measured.push(await measureRound(kind as Kind, network, random))
}
const { user, system } = process.cpuUsage(cpu)
const run: DhtRun = { rounds: measured, ...(await measureDelays(network)), cpuSeconds: (user + system) / 1e6 }
console.log(JSON.stringify(run))
// a hundred nodes that say goodbye take longer than what was measured
process.exit()

/** The same for the same seed (mulberry32). */
function randomNumbers(from: number): () => number {
  let state = from
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
