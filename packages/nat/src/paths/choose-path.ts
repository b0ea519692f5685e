import type { Connection } from '@libp2p/interface'
import { isLinkLocal, isLoopback, isPrivate } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Path } from '@p2pshare/interface'

/** What the choice looks at. */
export type PathCandidate = Pick<Connection, 'remoteAddr' | 'limits' | 'rtt' | 'status'> & {
  readonly timeline: Pick<Connection['timeline'], 'open'>
}

/** What a connection runs over: this machine's own network, the internet, or a third node. */
export type LinkKind = 'lan' | 'direct' | 'relay'

/** Less is better. */
export const LINK_RANK: Readonly<Record<LinkKind, number>> = Object.freeze({ lan: 0, direct: 1, relay: 2 })

/** Whether the bytes of a connection go through a third node. */
export function isRelayed({ remoteAddr, limits }: Pick<PathCandidate, 'remoteAddr' | 'limits'>): boolean {
  // a relay need not set limits, and who is dialled over one sees no circuit in some addresses: either is proof
  return limits !== undefined || (isCircuit(remoteAddr) && !isOverWebRtc(remoteAddr))
}

/** WebRTC's address names the relay that a connection was set up over, and no bytes go through. */
function isOverWebRtc(address: Multiaddr): boolean {
  return address.getComponents().some(({ name }) => name === 'webrtc')
}

/** Whether an address leads through a relay. */
export function isCircuit(address: Multiaddr): boolean {
  return address.getComponents().some(({ name }) => name === 'p2p-circuit')
}

/** Pure. */
export function linkKind(candidate: Pick<PathCandidate, 'remoteAddr' | 'limits'>): LinkKind {
  if (isRelayed(candidate)) {
    return 'relay'
  }
  // of a relay that it was set up over, it does not matter where it is
  return isLocal(candidate.remoteAddr) && !isOverWebRtc(candidate.remoteAddr) ? 'lan' : 'direct'
}

/** Whether an address is of this machine or its network; one behind a carrier's NAT (100.64/10) is not. */
export function isLocal(address: Multiaddr): boolean {
  return (isPrivate(address) || isLoopback(address) || isLinkLocal(address)) && !isShared(address)
}

/**
 * The connection that bytes should take, and so the path there is: direct before relayed, then the shorter round trip,
 * then the newer. Pure; it knows no history (`stepPath` does).
 */
export function choosePath(connections: readonly PathCandidate[]): Path {
  const best = chooseConnection(connections)
  if (best === undefined) {
    return { kind: 'none' }
  }
  return toPath(best)
}

/** The first of them in that order. Pure. */
export function chooseConnection<Candidate extends PathCandidate>(
  connections: readonly Candidate[]
): Candidate | undefined {
  const [best] = connections.filter(({ status }) => status === 'open').sort(compare)
  return best
}

/** Those that opened last come first. Pure. */
export function newestFirst<Candidate extends Pick<PathCandidate, 'timeline'>>(
  connections: readonly Candidate[]
): Candidate[] {
  return connections.toSorted((a, b) => b.timeline.open - a.timeline.open)
}

/** How a connection is told of. Pure. */
export function toPath(connection: Pick<PathCandidate, 'remoteAddr' | 'limits' | 'rtt'>): Path {
  return {
    kind: isRelayed(connection) ? 'relay' : 'direct',
    address: connection.remoteAddr,
    ...(connection.rtt === undefined ? {} : { rttMs: connection.rtt })
  }
}

function compare(a: PathCandidate, b: PathCandidate): number {
  return (
    Number(isRelayed(a)) - Number(isRelayed(b)) ||
    (a.rtt ?? Infinity) - (b.rtt ?? Infinity) ||
    b.timeline.open - a.timeline.open
  )
}

/** RFC 6598: the space between a carrier's NAT and its customers. */
function isShared(address: Multiaddr): boolean {
  const [first] = address.getComponents()
  if (first?.name !== 'ip4' || first.value === undefined) {
    return false
  }
  const [high = 0, low = 0] = first.value.split('.').map(Number)
  return high === 100 && low >= 64 && low < 128
}
