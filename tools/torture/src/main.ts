// npm run torture [-- --slice | --write], npm run torture:kill9 [-- --points 300 | --seed 7],
// torture:powerloss [-- --seeds 10000 | --seed 7], torture:fs [-- --step 1 | --fault a-directory:once:EIO:12],
// torture:byzantine [-- --runs 30 | --seed 7], torture:hostile [-- --runs 3 | --seed 7].
// Exits 1 after a violation, 2 if the command line makes no sense.
import { parseArgs } from 'node:util'
import { byzantine, TARGET_BYTES } from './byzantine/harness.ts'
import { TortureUsageError } from './errors.ts'
import { diskFaults, parseFault } from './faults/harness.ts'
import { runFault } from './faults/run.ts'
import { hostile } from './hostile/harness.ts'
import { kill9 } from './kill9/harness.ts'
import { powerLoss } from './powerloss/harness.ts'
import type { HarnessResult } from './result.ts'
import { makeShares } from './share.ts'
import { writePage } from './write-page.ts'

const EXIT = { ok: 0, violation: 1, usage: 2 } as const
const MIB = 1024 ** 2

/** For CI: under a minute in all. */
const SLICE = { points: 8, seeds: 200, step: 37, runs: 1, byzantineBytes: 16 * MIB }
/** Harnesses whose figures depend on the machine. */
const BY_TIME: readonly string[] = ['byzantine', 'hostile']
/** Each takes half a minute, and they differ little. */
const MAX_HOSTILE_RUNS = 3
const FULL = { points: 300, seeds: 10_000, step: 1, runs: 30, byzantineBytes: TARGET_BYTES }

try {
  process.exitCode = await main()
} catch (error) {
  if (!(error instanceof TortureUsageError) && !(error instanceof TypeError && 'code' in error)) {
    throw error
  }
  process.stderr.write(`${error.message}\n`)
  process.exitCode = EXIT.usage
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      slice: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      seed: { type: 'string' },
      seeds: { type: 'string' },
      points: { type: 'string' },
      step: { type: 'string' },
      runs: { type: 'string' },
      seconds: { type: 'string' },
      fault: { type: 'string' }
    }
  })
  const extent = values.slice ? SLICE : FULL
  const points = whole('points', values.points, extent.points)
  const seeds = whole('seeds', values.seeds, extent.seeds)
  const step = Math.max(1, whole('step', values.step, extent.step))
  const seconds = values.seconds === undefined ? Infinity : whole('seconds', values.seconds, 0)
  const runs = whole('runs', values.runs, extent.runs)
  const seed = values.seed === undefined ? undefined : whole('seed', values.seed, 1)
  if (values.fault !== undefined) {
    return replayFault(values.fault)
  }
  const harnesses: Readonly<Record<string, () => Promise<HarnessResult>>> = {
    powerloss: async () =>
      powerLoss(seed === undefined ? Array.from({ length: seeds }, (_, at) => at + 1) : [seed], tell),
    fs: async () => diskFaults({ step, first: seed ?? 0 }, tell),
    kill9: async () => kill9({ points, first: seed ?? 1, only: seed !== undefined }, tell),
    byzantine: async () =>
      byzantine({ runs: seed === undefined ? runs : 1, first: seed ?? 1, bytes: extent.byzantineBytes, seconds }, tell),
    hostile: async () =>
      hostile(
        {
          runs: seed === undefined ? Math.min(runs, MAX_HOSTILE_RUNS) : 1,
          first: seed ?? 1,
          bytes: TARGET_BYTES,
          seconds
        },
        tell
      )
  }
  // the two of hostile peers take their time, and are judged by it: not where other work goes on
  const all = Object.keys(harnesses).filter((name) => !values.slice || !BY_TIME.includes(name))
  const chosen = positionals.length === 0 ? all : positionals
  const results: HarnessResult[] = []
  for (const name of chosen) {
    const run = harnesses[name]
    if (run === undefined) {
      throw new TortureUsageError(`there is no ${name}, only ${Object.keys(harnesses).join(', ')}`)
    }
    const result = await run()
    results.push(result)
    print(result)
  }
  if (values.write) {
    await writePage(results)
  }
  return results.some(({ violations }) => violations.length > 0) ? EXIT.violation : EXIT.ok
}

async function replayFault(text: string): Promise<number> {
  const found = parseFault(text, await makeShares())
  if (found === undefined) {
    throw new TortureUsageError(`--fault ${text}: it is share:way:errno:call, as it was printed`)
  }
  const result = await runFault(found.share, found.fault)
  process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`)
  return result.violation === undefined ? EXIT.ok : EXIT.violation
}

function print({ name, extent, seconds, figures, violations }: HarnessResult): void {
  process.stdout.write(`${name}: ${extent}, ${seconds.toFixed(1)} s\n`)
  for (const [what, came] of Object.entries(figures)) {
    process.stdout.write(`  ${what}: ${came}\n`)
  }
  for (const violation of violations) {
    process.stdout.write(`  VIOLATION ${violation}\n`)
  }
}

function tell(text: string): void {
  if (process.stderr.isTTY) {
    process.stderr.write(`\r\u001b[K${text}`)
  }
}

function whole(option: string, text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text)
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new TortureUsageError(`--${option} ${text ?? ''} is not a whole number`)
  }
  return value
}
