import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HarnessResult, Tell } from '../result.ts'
import { asProvider, startNode } from './nodes.ts'
import { fetchHostileDag, HOSTILE_DAG_NAMES } from './publisher.ts'
import { problemsOf, runByzantine, runClean, SEEDERS, SWARMS } from './run.ts'
import type { ByzantineRun, SwarmName } from './run.ts'
import { makeTarget, PROFILE } from './target.ts'

const MIB = 1024 * 1024

/** 256 leaves. */
export const TARGET_BYTES = 64 * MIB

export interface ByzantineExtent {
  /** Runs of each swarm. */
  readonly runs: number
  /** The seed of the first. */
  readonly first: number
  readonly bytes: number
  /** No seed begins after so many seconds. */
  readonly seconds: number
}

/** Downloads among hostile seeders, and of hostile shares. */
export async function byzantine({ runs, first, bytes, seconds }: ByzantineExtent, tell: Tell): Promise<HarnessResult> {
  const began = performance.now()
  const violations: string[] = []
  const directory = await mkdtemp(join(tmpdir(), 'p2pshare-byzantine-'))
  const target = await makeTarget(directory, bytes)
  const seeders = await Promise.all(Array.from({ length: SEEDERS }, async () => startNode()))
  let broken = 0
  let seeds = 0
  const results = new Map<SwarmName, ByzantineRun[]>()
  try {
    await Promise.all(seeders.map(async ({ services }) => services.transfer.share(target.path, { profile: PROFILE })))
    const honest = { target, providers: seeders.map(asProvider), directory }
    for (let seed = first; seed < first + runs && performance.now() - began < seconds * 1000; seed++) {
      seeds++
      const again = `npm run torture:byzantine -- --seed ${seed}`
      try {
        const cleanMs = await runClean(seed, honest)
        for (const swarm of Object.keys(SWARMS) as SwarmName[]) {
          const run = await runByzantine(swarm, seed, honest, cleanMs)
          results.set(swarm, [...(results.get(swarm) ?? []), run])
          const problems = problemsOf(swarm, run)
          violations.push(...problems.map((problem) => `${swarm} (${run.kinds.join(', ')}): ${problem}; ${again}`))
        }
      } catch (error) {
        violations.push(`${String(error)}; ${again}`)
        broken++
      }
      tell(`byzantine: ${seed - first + 1} of ${runs} seeds, ${violations.length} violations`)
    }
    for (const name of HOSTILE_DAG_NAMES) {
      await fetchHostileDag(name, directory).catch((error: unknown) => {
        violations.push(`${name}: ${String(error)}; npm run torture:byzantine -- --runs 0`)
        broken++
      })
    }
  } finally {
    await Promise.all(seeders.map(async (seeder) => seeder.stop()))
    await rm(directory, { recursive: true, force: true })
  }
  return {
    name: 'byzantine',
    extent: `${seeds} seeds of two swarms of ${SEEDERS} seeders, ${bytes / MIB} MiB each; ${HOSTILE_DAG_NAMES.length} hostile shares`,
    seconds: (performance.now() - began) / 1000,
    figures: {
      'downloads that did not end or with wrong bytes, honest peers banned, hostile shares not refused': `${broken} (goal 0)`,
      ...figuresOf('30 % byzantine', 'byzantine', results.get('byzantine') ?? []),
      ...figuresOf('50 % liars about what they have', 'liars', results.get('liars') ?? [])
    },
    violations
  }
}

function figuresOf(label: string, swarm: SwarmName, runs: readonly ByzantineRun[]): Record<string, string> {
  if (runs.length === 0) {
    return {}
  }
  const { maxSlowdown, maxWaste } = SWARMS[swarm]
  const slowdowns = runs.map(({ slowdown }) => slowdown).sort((a, b) => a - b)
  const median = slowdowns[Math.floor(slowdowns.length / 2)] ?? NaN
  const worst = (values: readonly number[]): number => Math.max(0, ...values)
  return {
    [`${label}: time`]: `${median.toFixed(2)} x clean, ${worst(slowdowns).toFixed(2)} at most (goal ${maxSlowdown})`,
    [`${label}: waste`]: `${percent(worst(runs.map(({ waste }) => waste)))} of the size at most (goal ${percent(maxWaste)})`,
    [`${label}: wrong leaves of one peer`]: `${worst(runs.map(({ badLeaves }) => badLeaves)).toFixed(0)} at most (goal 3); ${runs.reduce((sum, { bans }) => sum + bans, 0)} bans, all of hostile peers`
  }
}

function percent(part: number): string {
  return `${(100 * part).toFixed(1)} %`
}
