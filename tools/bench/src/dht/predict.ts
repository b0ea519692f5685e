import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const SIMULATION = fileURLToPath(new URL('../../../sim/src/dht.ts', import.meta.url))

/** What the simulation says of one network and rules; times in milliseconds. */
export interface DhtPrediction {
  readonly nodes: number
  readonly rules: 'shipped' | 'stock'
  readonly findableP50Ms: number
  readonly findableMaxMs: number
  readonly completeP50Ms: number
  readonly provideMessages: number
  readonly firstRecordP50Ms: number
  readonly findRequests: number
}

/** What the shipped rules, and those of stock, do in virtual time with the delays that were measured. */
export function predictDht(nodes: number, silentShare: number, rttMs: number, dialMs: number): DhtPrediction[] {
  const words = { sizes: nodes, dead: silentShare, rtt: rttMs.toFixed(2), dial: dialMs.toFixed(1), seeds: 2 }
  const flags = Object.entries(words).flatMap(([name, value]) => [`--${name}`, String(value)])
  const { stdout, status, stderr } = spawnSync(
    process.execPath,
    ['--conditions=@p2pshare/source', '--no-warnings', SIMULATION, '--predict', ...flags],
    { encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 }
  )
  if (status !== 0) {
    throw new Error(`the simulation ended with ${status ?? 'a signal'}: ${stderr.slice(-2000)}`)
  }
  return JSON.parse(stdout) as DhtPrediction[]
}
