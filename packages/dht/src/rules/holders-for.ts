import { REPLICATION } from './network-size.ts'
import { distanceOf } from './position.ts'
import type { Contact, Position } from './position.ts'

/** Others that are told of every key: finding then is asking anybody. Each is one connection. */
export const SMALL_NETWORK = 32

/** Up to here a view of all members is trusted to name the nearest; a larger network has too much churn for it. */
export const MAX_VIEW = 10_000

/**
 * Whom to tell or ask when membership says who is there: everybody in a small network, else the 20 nearest, nearest
 * first. `undefined` when the view is no help and a walk has to find out.
 */
export function holdersFor<C extends Contact>(
  target: Position,
  servers: readonly C[],
  viewIsComplete: boolean
): readonly C[] | undefined {
  if (!viewIsComplete || servers.length === 0 || servers.length > MAX_VIEW) {
    return undefined
  }
  const nearest = [...servers].sort((a, b) => distanceOf(a.position, target) - distanceOf(b.position, target))
  return nearest.length <= SMALL_NETWORK ? nearest : nearest.slice(0, REPLICATION)
}
