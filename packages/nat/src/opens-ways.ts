import type { NatClass } from './types.ts'

/**
 * Whether what was found out lets strategies be tried that could not be before: a punch that is asked for while a node
 * has just started knows next to nothing of its NAT. Other ports alone are no news, each attempt learns them itself.
 */
export function opensWays(before: NatClass | undefined, now: NatClass): boolean {
  return (
    before?.udp !== now.udp ||
    before.mapping !== now.mapping ||
    before.filtering !== now.filtering ||
    (before.outside === undefined && now.outside !== undefined) ||
    (before.pool === undefined && now.pool !== undefined) ||
    (before.tcpOutside === undefined && now.tcpOutside !== undefined)
  )
}
