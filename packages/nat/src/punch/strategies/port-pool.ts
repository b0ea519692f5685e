import { MAX_POOL_PORTS, POOL_SOCKETS } from '../constants.ts'
import type { PlanEntry, PlanInput } from '../plan.ts'
import { isNarrow, widenPool } from '../ports.ts'
import { bothCan, hardness, hasSocket, hasUdp, natOf, outside, skip, take } from './common.ts'

/**
 * Both routers choose a new port for each destination, but out of few: both ends try all of them. The number of probes
 * that finds the other grows with the square of what the pool's width is to it, so a wide pool is hopeless. Pure.
 */
export function portPool(input: PlanInput): PlanEntry[] {
  const { mine, theirs } = input
  if (!bothCan(input, 'port-pool') || !hasSocket(mine, 4) || !hasUdp(theirs)) {
    return skip('port-pool', 'one side has no UDP transport')
  }
  if (hardness(mine) !== 'hard' || hardness(theirs) !== 'hard') {
    return skip('port-pool', 'not both routers are known to choose a new port for each destination')
  }
  const [my, their] = [natOf(mine, 4)?.pool, natOf(theirs, 4)?.pool]
  const target = outside(theirs)
  if (!isNarrow(my) || !isNarrow(their)) {
    const where = isNarrow(their) ? 'here' : 'at the peer'
    return skip('port-pool', `the router ${where} chooses among more than ${MAX_POOL_PORTS} ports`)
  }
  if (target === undefined) {
    return skip('port-pool', 'no server saw the peer over IPv4')
  }
  return [take('port-pool', { type: 'sweep', host: target.host, pool: widenPool(their), sockets: POOL_SOCKETS })]
}
