import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { median, percentile } from '../harness/stats.ts'
import type { Prediction } from './figures.ts'
import type { GossipRun } from './run.ts'

const SIMULATION = fileURLToPath(new URL('../../../sim/src/gossip.ts', import.meta.url))

/** What the simulation is told of the machine: delays of messages and dials, in milliseconds. Nothing of any event. */
export interface Delays {
  readonly oneWayMs: number
  /** Mean of what is added by chance. */
  readonly jitterMs: number
  readonly dialMs: number
}

/** Delays as the nodes measured them while nothing happened, and as newcomers dialled. */
export function delaysOf({ quiet: { rttMs }, dialsMs }: Pick<GossipRun, 'quiet' | 'dialsMs'>): Delays {
  // the fastest are what the way takes, what others take more is chance
  const least = percentile(rttMs, 10)
  const mean = rttMs.reduce((sum, each) => sum + each, 0) / rttMs.length
  return { oneWayMs: least / 2, jitterMs: Math.max(0, mean - least) / 2, dialMs: median(dialsMs) }
}

/** What the shipped machine does in virtual time with such delays. */
export function predict(
  members: number,
  profile: string,
  { oneWayMs, jitterMs, dialMs }: Delays
): readonly Prediction[] {
  const words = {
    sizes: members,
    profile,
    'one-way': oneWayMs.toFixed(3),
    jitter: jitterMs.toFixed(3),
    dial: dialMs.toFixed(1)
  }
  const { stdout, status, stderr } = spawnSync(
    process.execPath,
    [
      '--conditions=@p2pshare/source',
      '--no-warnings',
      SIMULATION,
      '--predict',
      ...Object.entries(words).flatMap(([name, value]) => [`--${name}`, String(value)])
    ],
    { encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 }
  )
  if (status !== 0) {
    throw new Error(`the simulation ended with ${status ?? 'a signal'}: ${stderr.slice(-2000)}`)
  }
  return predictionsIn(stdout)
}

/** What was predicted before, from a file. */
export function readPredictions(path: string): readonly Prediction[] {
  return predictionsIn(readFileSync(path, 'utf8'))
}

function predictionsIn(json: string): readonly Prediction[] {
  return (JSON.parse(json) as { readonly predictions: readonly Prediction[] }).predictions
}
