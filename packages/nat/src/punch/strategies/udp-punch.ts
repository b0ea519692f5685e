import type { PlanEntry, PlanInput } from '../plan.ts'
import { bothCan, hardness, hasSocket, hasUdp, letsOtherPortsIn, outside, skip, take } from './common.ts'

/**
 * Both send to where servers saw the other, so that each router takes the other's datagrams for answers. Works unless a
 * router with a new port for each destination meets one that insists on the port. Pure.
 */
export function udpPunch(input: PlanInput): PlanEntry[] {
  const { mine, theirs } = input
  const [my, their] = [hardness(mine), hardness(theirs)]
  const target = outside(theirs)
  if (!bothCan(input, 'udp-punch') || !hasSocket(mine, 4) || !hasUdp(theirs)) {
    return skip('udp-punch', 'one side has no UDP transport')
  }
  if (my === 'blocked' || their === 'blocked') {
    return skip('udp-punch', `UDP is blocked ${my === 'blocked' ? 'here' : 'at the peer'}`)
  }
  if (target === undefined || outside(mine) === undefined) {
    return skip('udp-punch', `no server saw ${target === undefined ? 'the peer' : 'this node'} over IPv4`)
  }
  if (my === 'hard' && their === 'hard') {
    return skip('udp-punch', 'both routers choose a new port for each destination')
  }
  if ((my === 'hard' && !letsOtherPortsIn(theirs)) || (their === 'hard' && !letsOtherPortsIn(mine))) {
    return skip('udp-punch', 'one router chooses a new port for each destination, the other insists on the port')
  }
  return [take('udp-punch', { type: 'probe', targets: [target], open: their !== 'hard' })]
}
