import { readFileSync, writeFileSync } from 'node:fs'
import type { GossipRun } from './run.ts'

/** What was measured, to be reported on later: a hundred nodes take minutes, and not every machine is free for three sizes. */
export function keepRuns(path: string, runs: readonly GossipRun[]): void {
  writeFileSync(path, JSON.stringify(runs))
}

/** What `keepRuns` wrote; runs of one size are put together, and the first of them says what a quiet node costs. */
export function keptRuns(paths: readonly string[]): GossipRun[] {
  const bySize = new Map<number, GossipRun>()
  for (const run of paths.flatMap((path) => JSON.parse(readFileSync(path, 'utf8')) as GossipRun[])) {
    const known = bySize.get(run.members)
    bySize.set(
      run.members,
      known === undefined
        ? run
        : { ...known, events: [...known.events, ...run.events], dialsMs: [...known.dialsMs, ...run.dialsMs] }
    )
  }
  return [...bySize.values()].sort((one, other) => one.members - other.members)
}
