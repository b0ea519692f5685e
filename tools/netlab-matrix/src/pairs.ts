import { NAT_TYPES } from '@p2pshare/netlab'
import type { NatType, NatTypeFacts } from '@p2pshare/netlab'

/** The NATs of one cell: what is shared stands behind `a`, who gets it behind `b`. */
export interface Pair {
  readonly a: NatType
  readonly b: NatType
}

/** How a pair has to end up: `relay` where no NAT lets a direct connection through, whatever is tried. */
export type Expectation = 'direct' | 'relay'

/** For CI: an easy pair, a birthday, TCP where UDP is blocked, and one that no way leads through. */
export const SLICE: readonly Pair[] = [
  { a: 'port-restricted', b: 'port-restricted' },
  { a: 'port-restricted', b: 'symmetric' },
  { a: 'udp-blocked', b: 'port-restricted' },
  { a: 'symmetric', b: 'symmetric' }
]

/** Ports of a pool that can be guessed in time. */
const MAX_POOL_PORTS = 512

/** Every two of `types`, and each with itself. `lan` is a neighbour of what has a LAN, not of another. */
export function pairsOf(types: readonly NatType[]): Pair[] {
  const distinct = [...new Set(types)]
  const sides = distinct.filter((type) => type !== 'lan')
  const pairs = sides.flatMap((a, at) => sides.slice(at).map((b) => ({ a, b })))
  const neighbours = distinct.includes('lan') ? sides.filter((type) => type !== 'public') : []
  return [...pairs, ...neighbours.map((a) => ({ a, b: 'lan' as const }))]
}

/** `port-restricted x symmetric` */
export function pairName({ a, b }: Pair): string {
  return `${a} x ${b}`
}

/** Who gets is a neighbour of who shares. */
export function isLan({ b }: Pair): boolean {
  return b === 'lan'
}

/** What theory says of a pair, with the ways that @p2pshare/nat has. */
export function expectationOf({ a, b }: Pair): Expectation {
  if (b === 'lan') {
    return 'direct'
  }
  const [one, other]: readonly [NatTypeFacts, NatTypeFacts] = [NAT_TYPES[a], NAT_TYPES[b]]
  if (one.ipv6 && other.ipv6) {
    return 'direct'
  }
  if (!one.ipv4 || !other.ipv4) {
    return 'relay'
  }
  if (isOpen(a) || isOpen(b)) {
    return 'direct'
  }
  return overNats(one, other) ? 'direct' : 'relay'
}

/** Anybody can connect to it, over TCP too. */
export function isOpen(type: NatType): boolean {
  return type === 'upnp' || NAT_TYPES[type].filtering === 'endpoint-independent'
}

function overNats(one: NatTypeFacts, other: NatTypeFacts): boolean {
  const hard = [one, other].filter(({ mapping }) => mapping === 'address-and-port-dependent')
  switch (hard.length) {
    case 0:
      return true // UDP, and TCP from a port that is known where UDP is blocked
    case 1:
      return one.udp && other.udp
    default:
      return hard.every(({ pool }) => pool !== undefined && pool[1] - pool[0] < MAX_POOL_PORTS)
  }
}
