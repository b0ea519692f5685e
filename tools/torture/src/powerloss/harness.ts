import { inParallel } from '../result.ts'
import type { HarnessResult, Tell } from '../result.ts'
import { makeShares } from '../share.ts'
import { runPowerLoss } from './run.ts'

/** Runs that wait for each other's timers side by side. */
const SIDE_BY_SIDE = 64

/** Runs with each of these seeds. */
export async function powerLoss(seeds: readonly number[], tell: Tell): Promise<HarnessResult> {
  const began = performance.now()
  const shares = await makeShares()
  const violations: string[] = []
  let cuts = 0
  let calls = 0
  let done = 0
  await inParallel(seeds, SIDE_BY_SIDE, async (seed) => {
    const result = await runPowerLoss(seed, shares)
    cuts += result.cuts
    calls += result.calls
    if (result.violation !== undefined) {
      violations.push(`${result.share}: ${result.violation}; npm run torture:powerloss -- --seed ${seed}`)
    }
    if (++done % 500 === 0) {
      tell(`powerloss: ${done} of ${seeds.length} seeds, ${violations.length} violations`)
    }
  })
  return {
    name: 'powerloss',
    extent: `${seeds.length.toLocaleString('en')} seeds`,
    seconds: (performance.now() - began) / 1000,
    figures: {
      'power cuts': cuts.toLocaleString('en'),
      'calls to the file system': calls.toLocaleString('en'),
      violations: `${violations.length} (goal 0)`
    },
    violations
  }
}
