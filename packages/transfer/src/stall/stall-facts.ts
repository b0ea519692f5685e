import type { Watched } from '../download.ts'
import type { RelayBudgets } from './relay-budgets.ts'
import type { DiskTrouble, StallFacts } from './stall-cause.ts'

interface FactSources {
  readonly watched: Watched
  readonly relays: Pick<RelayBudgets, 'cut'>
  readonly canSearch: boolean
  /** What the disk said when it refused, while it does. */
  readonly refusal: DiskTrouble | undefined
}

/** How the parts of a download stand, put together. */
export function stallFacts({ watched, relays, canSearch, refusal }: FactSources, now: number): StallFacts {
  const { storing, ...swarm } = watched.entry.swarm.outlook(now)
  const { cutByRelay, ...others } = watched.connector.outlook(now)
  const disk = refusal ?? (storing > 0 ? { leaves: storing } : undefined)
  return {
    ...swarm,
    ...others,
    cutByRelay: cutByRelay + relays.cut,
    searching: canSearch,
    ...(disk && { disk })
  }
}
