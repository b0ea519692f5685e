import { fluidBoundMs, simulateSwarm } from '@p2pshare/testkit/sim'
import type { SwarmResult } from '@p2pshare/testkit/sim'
import type { NamedScenario } from './scenarios.ts'
import { shippedBrain } from './shipped.ts'

const MIB = 1024 * 1024

/** One scenario, over some seeds. */
export interface Summary {
  readonly name: string
  readonly title: string
  readonly goal: number | undefined
  /** Of time / fluid bound. */
  readonly median: number
  readonly worst: number
  readonly best: number
  readonly boundMs: number
  /** Most of it in a run. */
  readonly wastedShare: number
  readonly messagesPerLeaf: number
  /** Runs in which a leecher that stayed never had everything. */
  readonly failed: number
  readonly runs: ReadonlyArray<{ readonly seed: number; readonly ratio: number; readonly digest: string }>
  /** Whether the goal was reached, and nothing was lost. */
  readonly reached: boolean
}

export function runOnce({ scenario, honestOnly }: NamedScenario, seed: number): SwarmResult {
  const result = simulateSwarm(scenario, seed, shippedBrain)
  return honestOnly === true ? ofHonest(result, scenario.totalBytes ?? 64 * MIB) : result
}

export function runAll(named: NamedScenario, seeds: readonly number[], tell: () => void): Summary {
  const results = seeds.map((seed) => {
    const result = runOnce(named, seed)
    tell()
    return result
  })
  const ratios = results.map(({ ratio }) => ratio)
  const failed = ratios.filter((ratio) => ratio === Infinity).length
  const median = medianOf(ratios)
  return {
    name: named.name,
    title: named.title,
    goal: named.goal,
    median,
    worst: Math.max(...ratios),
    best: Math.min(...ratios),
    boundMs: medianOf(results.map(({ boundMs }) => boundMs)),
    wastedShare: Math.max(...results.map(({ wastedShare }) => wastedShare)),
    messagesPerLeaf: medianOf(results.map(({ messagesPerLeaf }) => messagesPerLeaf)),
    failed,
    runs: results.map(({ ratio, digest }, at) => ({ seed: seeds[at] ?? 0, ratio, digest })),
    reached: failed === 0 && median <= (named.goal ?? Infinity)
  }
}

/** Only those who upload, as if there were no others. */
function ofHonest(result: SwarmResult, totalBytes: number): SwarmResult {
  const honest = result.up.flatMap((up, at) => (up > 0 ? [{ up, doneAt: result.doneMs[at] ?? Infinity }] : []))
  const boundMs = fluidBoundMs({
    totalBytes,
    seedUp: 4 * MIB,
    leechers: honest.map(({ up }) => ({ up, down: Infinity, joinsAt: 0, leavesAt: Infinity }))
  })
  const lastMs = Math.max(...honest.map(({ doneAt }) => doneAt))
  return { ...result, boundMs, lastMs, ratio: lastMs / boundMs }
}

export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2
}
