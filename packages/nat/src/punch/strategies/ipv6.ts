import type { PlanEntry, PlanInput } from '../plan.ts'
import { candidates, reach, skip } from './common.ts'

/** No NAT, but firewalls, which probes of both sides open. Pure. */
export function ipv6(input: PlanInput): PlanEntry[] {
  const kinds = ['open', 'forwarded', 'outside'] as const
  const has = (about: PlanInput['mine']): boolean =>
    (['udp', 'tcp'] as const).some((transport) => candidates(about, { transport, family: 6, kinds }).length > 0)
  if (!has(input.mine)) {
    return skip('ipv6', 'this node has no IPv6 address')
  }
  if (!has(input.theirs)) {
    return skip('ipv6', 'the peer has no IPv6 address')
  }
  const entries = reach(input, 'ipv6', { family: 6, kinds })
  return entries.length > 0 ? entries : skip('ipv6', 'the other side dials')
}
