import type { LeftOut } from './peers.ts'
import { waitForQuiet } from './quiet.ts'

/** A program that failed this often is not asked again: the others have waited long enough. */
const MOST_FAILURES = 2

export interface RoundsInit<Item, Run> {
  readonly items: readonly Item[]
  readonly rounds: number
  readonly quietMs: number
  readonly nameOf: (item: Item) => string
  readonly once: (item: Item) => Promise<Run>
  /** What to tell about a run. */
  readonly describe: (run: Run) => string
}

/** What came of it. A program that never made it has no entry in `results`. */
export interface Rounds<Item, Run> {
  readonly results: ReadonlyMap<Item, readonly Run[]>
  readonly failed: readonly LeftOut[]
}

/**
 * Runs every item once in each round, so that what disturbs the machine for a while disturbs all of them. A failure is
 * reported and counted; it does not end the benchmark. Ours makes the exit code 1.
 */
export async function runRounds<Item, Run>(init: RoundsInit<Item, Run>): Promise<Rounds<Item, Run>> {
  const results = new Map<Item, Run[]>()
  const failures = new Map<Item, string[]>()
  for (let round = 1; round <= init.rounds; round++) {
    for (const item of init.items) {
      const errors = failures.get(item) ?? []
      if (errors.length >= MOST_FAILURES) {
        continue
      }
      await waitForQuiet(init.quietMs)
      const label = `${round}/${init.rounds} ${init.nameOf(item)}`
      try {
        const run = await init.once(item)
        results.set(item, [...(results.get(item) ?? []), run])
        console.error(`${label}: ${init.describe(run)}`)
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error)
        failures.set(item, [...errors, text])
        console.error(`${label}: FAILED\n${text}`)
        if (init.nameOf(item).startsWith('p2pshare')) {
          process.exitCode = 1
        }
      }
    }
  }
  const failed = [...failures].map(([item, errors]) => ({
    peer: init.nameOf(item),
    why: `${errors.length} run(s) failed, ${results.get(item)?.length ?? 0} counted`
  }))
  return { results, failed }
}
