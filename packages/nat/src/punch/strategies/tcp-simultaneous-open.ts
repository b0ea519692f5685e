import type { PlanEntry, PlanInput } from '../plan.ts'
import { bothCan, candidates, skip, take, toAddress } from './common.ts'

/**
 * Both dial at the same moment, from ports whose outside addresses a server saw, so that each router takes the other's
 * opening for an answer. The way out where UDP is blocked. Pure.
 */
export function tcpSimultaneousOpen(input: PlanInput): PlanEntry[] {
  const { mine, theirs, tcpLocalPort } = input
  if (!bothCan(input, 'tcp-simultaneous-open')) {
    return skip('tcp-simultaneous-open', 'one side cannot dial from a chosen port')
  }
  const wanted = { transport: 'tcp', family: 4, kinds: ['outside'] } as const
  const [target] = candidates(theirs, wanted)
  const [own] = candidates(mine, wanted)
  if (target === undefined || own === undefined || tcpLocalPort === undefined) {
    const who = target === undefined ? 'the peer' : 'this node'
    return skip('tcp-simultaneous-open', `${who} knows no outside TCP port of its own`)
  }
  return [take('tcp-simultaneous-open', { type: 'tcp-open', localPort: tcpLocalPort, target: toAddress(target) })]
}
