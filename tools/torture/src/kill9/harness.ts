import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seededRandom } from '@p2pshare/testkit'
import type { HarnessResult, Tell } from '../result.ts'
import { MAX_AGAIN_BYTES, runGet } from './get-run.ts'
import { MAX_RESUME_MS, runResume } from './resume-run.ts'
import { runStore } from './store-run.ts'
import { Tally } from './tally.ts'

const MIB = 1024 * 1024

/** Of so many runs one is a whole `get` over a connection; the others are the store alone, which takes a tenth of it. */
const GET_EVERY = 4

/** Runs until so many processes were killed, beginning with this seed; `only`: just that one. */
export async function kill9(
  { points, first, only }: { points: number; first: number; only: boolean },
  tell: Tell
): Promise<HarnessResult> {
  const began = performance.now()
  const tally = new Tally()
  const violations: string[] = []
  let runs = 0
  for (let seed = first; only ? seed === first : tally.kills < points; seed++) {
    runs++
    const run = seed % GET_EVERY === 1 ? runGet : runStore
    await inDirectory(async (directory) => run(directory, `${seed}`, seededRandom(`kill9/${seed}`), tally)).catch(
      (error: unknown) => {
        violations.push(`${String(error)}; npm run torture:kill9 -- --seed ${seed}`)
      }
    )
    tell(`kill9: ${tally.kills} of ${points} points, ${violations.length} violations`)
  }
  const { tookMs, cpuMs } = await inDirectory(runResume).catch((error: unknown) => {
    violations.push(`10 GiB: ${String(error)}; npm run torture:kill9 -- --points 0`)
    return { tookMs: NaN, cpuMs: NaN }
  })
  if (tookMs > MAX_RESUME_MS) {
    violations.push(`10 GiB: ready after ${Math.round(tookMs)} ms; npm run torture:kill9 -- --points 0`)
  }
  return {
    name: 'kill9',
    extent: `${tally.kills.toLocaleString('en')} kills in ${runs.toLocaleString('en')} runs`,
    seconds: (performance.now() - began) / 1000,
    figures: {
      'corrupt files, kept leaves lost, kept leaves fetched again': `${violations.length} (goal 0)`,
      'fetched again after a kill': `${(tally.worstAgainBytes / MIB).toFixed(1)} MiB at most (goal ${MAX_AGAIN_BYTES / MIB} MiB, what is in flight)`,
      '10 GiB partial file ready': `${tookMs.toFixed(0)} ms, ${cpuMs.toFixed(0)} ms of them computing (goal ${MAX_RESUME_MS} ms)`
    },
    violations
  }
}

async function inDirectory<T>(action: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'p2pshare-kill9-'))
  try {
    return await action(directory)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
