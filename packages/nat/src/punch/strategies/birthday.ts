import { BIRTHDAY_PROBES, BIRTHDAY_SOCKETS } from '../constants.ts'
import type { PlanEntry, PlanInput } from '../plan.ts'
import { widenPool } from '../ports.ts'
import { bothCan, hardness, hasSocket, hasUdp, letsOtherPortsIn, natOf, outside, skip, take } from './common.ts'

/**
 * One router chooses a new port for each destination, and the other insists on the port: the hard side sends to the easy
 * one from many sockets, so that many ports stand open, and the easy side tries ports until it hits one. Pure.
 */
export function birthday(input: PlanInput): PlanEntry[] {
  const { mine, theirs } = input
  const [my, their] = [hardness(mine), hardness(theirs)]
  if (!bothCan(input, 'birthday') || !hasSocket(mine, 4) || !hasUdp(theirs)) {
    return skip('birthday', 'one side has no UDP transport')
  }
  if (my === 'blocked' || their === 'blocked') {
    return skip('birthday', 'UDP is blocked on one side')
  }
  if ((my === 'hard') === (their === 'hard')) {
    return skip('birthday', my === 'hard' ? 'both sides are hard' : 'neither side needs it')
  }
  if (letsOtherPortsIn(my === 'hard' ? theirs : mine)) {
    return skip('birthday', 'the easy side lets other ports in')
  }
  const target = outside(theirs)
  if (target === undefined || outside(mine) === undefined) {
    return skip('birthday', `no server saw ${target === undefined ? 'the peer' : 'this node'} over IPv4`)
  }
  if (my === 'hard') {
    return [take('birthday', { type: 'many-sockets', target, sockets: BIRTHDAY_SOCKETS })]
  }
  const pool = natOf(theirs, 4)?.pool
  return [
    take('birthday', {
      type: 'spray',
      host: target.host,
      probes: BIRTHDAY_PROBES,
      ...(pool === undefined ? {} : { pool: widenPool(pool) })
    })
  ]
}
