import type { PlanEntry, PlanInput } from '../plan.ts'
import { reach, skip } from './common.ts'

/** Two nodes in one network, or behind one router: private addresses, which only then are admitted. Pure. */
export function lan(input: PlanInput): PlanEntry[] {
  const entries = ([4, 6] as const).flatMap((family) => reach(input, 'lan', { family, kinds: ['interface'] }))
  return entries.length > 0 ? entries : skip('lan', 'no address of the peer is in a network of this node')
}
