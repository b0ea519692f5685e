import type { Connection } from '@libp2p/interface'
import type { Path } from '@p2pshare/interface'

/** What the choice looks at. */
export type PathCandidate = Pick<Connection, 'remoteAddr' | 'limits' | 'rtt' | 'status'> & {
  readonly timeline: Pick<Connection['timeline'], 'open'>
}

/** Whether the bytes of a connection go through a third node. */
export function isRelayed({ remoteAddr, limits }: Pick<PathCandidate, 'remoteAddr' | 'limits'>): boolean {
  // a relay need not set limits, and who is dialled over one sees no circuit in some addresses: either is proof
  return limits !== undefined || remoteAddr.getComponents().some(({ name }) => name === 'p2p-circuit')
}

/**
 * The connection that bytes should take, and so the path there is: direct before relayed, then the shorter round trip,
 * then the newer. Pure.
 */
export function choosePath(connections: readonly PathCandidate[]): Path {
  const [best] = connections.filter(({ status }) => status === 'open').sort(compare)
  if (best === undefined) {
    return { kind: 'none' }
  }
  return {
    kind: isRelayed(best) ? 'relay' : 'direct',
    address: best.remoteAddr,
    ...(best.rtt === undefined ? {} : { rttMs: best.rtt })
  }
}

function compare(a: PathCandidate, b: PathCandidate): number {
  return (
    Number(isRelayed(a)) - Number(isRelayed(b)) ||
    (a.rtt ?? Infinity) - (b.rtt ?? Infinity) ||
    b.timeline.open - a.timeline.open
  )
}
