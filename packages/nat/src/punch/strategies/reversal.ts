import type { PlanEntry, PlanInput } from '../plan.ts'
import type { Description } from '../types.ts'
import { bothCan, candidates, skip, take, toAddress } from './common.ts'

/**
 * The initiator can be dialled and the responder cannot: the responder dials. Nobody dials an address that does not
 * answer, which would cost seconds. Pure.
 */
export function reversal(input: PlanInput): PlanEntry[] {
  const { role, mine, theirs } = input
  if (!bothCan(input, 'reversal')) {
    return skip('reversal', 'one side cannot do this')
  }
  const [initiator, responder] = role === 'initiator' ? [mine, theirs] : [theirs, mine]
  const targets = reachable(initiator)
  if (targets.length === 0) {
    return skip('reversal', 'the one who asked cannot be dialled')
  }
  if (reachable(responder).length > 0) {
    return skip('reversal', 'the one who was asked can be dialled')
  }
  return [take('reversal', role === 'initiator' ? { type: 'wait' } : { type: 'dial', targets: targets.map(toAddress) })]
}

function reachable(about: Description): ReturnType<typeof candidates> {
  return candidates(about, { transport: 'tcp', family: 4, kinds: ['open', 'forwarded'] })
}
