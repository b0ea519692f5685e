import { BIRTHDAY_DOUBT_MS, BIRTHDAY_PROBES, BIRTHDAY_SOCKETS } from '../constants.ts'
import type { PlanEntry, PlanInput } from '../plan.ts'
import { widenPool } from '../ports.ts'
import {
  bothCan,
  hardness,
  hasSocket,
  hasUdp,
  isHardSide,
  letsOtherPortsIn,
  natOf,
  outside,
  skip,
  take
} from './common.ts'

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
  const isMine = isHardSide(mine, theirs)
  if (isMine === isHardSide(theirs, mine)) {
    return skip(
      'birthday',
      isMine
        ? 'both routers choose a new port for each destination'
        : 'neither router is known to choose a new port for each destination'
    )
  }
  if (letsOtherPortsIn(isMine ? theirs : mine)) {
    return skip('birthday', 'one router lets other ports in: a plain hole punch will do')
  }
  const target = outside(theirs)
  if (target === undefined || outside(mine) === undefined) {
    return skip('birthday', `no server saw ${target === undefined ? 'the peer' : 'this node'} over IPv4`)
  }
  const delayMs = my === 'hard' || their === 'hard' ? 0 : BIRTHDAY_DOUBT_MS
  if (isMine) {
    return [take('birthday', { type: 'many-sockets', target, sockets: BIRTHDAY_SOCKETS }, delayMs)]
  }
  const pool = natOf(theirs, 4)?.pool
  return [
    take(
      'birthday',
      {
        type: 'spray',
        host: target.host,
        probes: BIRTHDAY_PROBES,
        ...(pool === undefined ? {} : { pool: widenPool(pool) })
      },
      delayMs
    )
  ]
}
