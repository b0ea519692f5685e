import type { Strategy } from '../../types.ts'
import type { PlanEntry, PlanInput } from '../plan.ts'
import type { CandidateKind } from '../types.ts'
import { bothCan, candidates, reach, skip } from './common.ts'

/** Addresses of the peer that everybody can send to. Pure. */
export function open(input: PlanInput): PlanEntry[] {
  return dialled(input, 'public', 'open', 'the peer has no public address')
}

/** Ports that the peer's router was asked to forward. Pure. */
export function mapped(input: PlanInput): PlanEntry[] {
  return dialled(input, 'mapped', 'forwarded', 'no router forwards a port to the peer')
}

/** What only the responder can reach is dialled by it, and called a reversal. */
function dialled(
  input: PlanInput,
  strategy: Extract<Strategy, 'public' | 'mapped'>,
  kind: CandidateKind,
  none: string
): PlanEntry[] {
  const entries = reach(input, strategy, { family: 4, kinds: [kind] })
  const kept = entries.filter((entry) => input.role === 'initiator' || !('step' in entry) || entry.step.type !== 'dial')
  if (kept.length > 0) {
    return kept
  }
  const exists = (['udp', 'tcp'] as const).some(
    (transport) => candidates(input.theirs, { transport, family: 4, kinds: [kind] }).length > 0
  )
  if (!exists) {
    return skip(strategy, none)
  }
  return skip(strategy, bothCan(input, strategy) ? 'the other way round is tried' : 'one side cannot do this')
}
