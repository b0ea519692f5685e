import type { Multiaddr } from '@multiformats/multiaddr'

/** Nobody listens there; or who does is not the peer. Not a reset: a live peer that has too many connections does that. */
const REFUSED_CODE = 'ECONNREFUSED'
const REFUSED_NAMES = new Set(['UnexpectedPeerError', 'ConnectionFailedError'])

/** Of an address that a race of dials left out when the others had failed (`@p2pshare/nat`). */
const NOT_TRIED = 'NotInRaceError'

/** How a relay says that it has no connection to the peer any more (circuit relay v2, status 204). */
const NO_RESERVATION = 'NO_RESERVATION'

/** Transports put the system's errors in their own; a chain is never longer. */
const MAX_DEPTH = 6

/**
 * Whether a failed dial shows that the peer is gone: each address that was tried was answered, with no. A dial that got no
 * answer, or found no way, tells nothing: the network may be lost, and this node with it. Through relays only the relay's
 * word counts: that the relay does not answer says nothing of who is behind it.
 */
export function isRefused(error: unknown, isThroughRelay: boolean, depth = 0): boolean {
  if (!(error instanceof Error) || depth > MAX_DEPTH) {
    return false
  }
  const parts = partsOf(error)
  if (parts !== undefined) {
    const told = parts.filter((each) => !(each instanceof Error && each.name === NOT_TRIED))
    return told.length > 0 && told.every((each) => isRefused(each, isThroughRelay, depth + 1))
  }
  return saysNo(error, isThroughRelay) || isRefused(error.cause, isThroughRelay, depth + 1)
}

/** What became of each address, when several were tried: libp2p's way of saying it, and that of our TCP transport. */
function partsOf(error: Error): readonly unknown[] | undefined {
  if (error instanceof AggregateError) {
    return error.errors as unknown[]
  }
  const { failures } = error as { failures?: unknown }
  return Array.isArray(failures) ? failures : undefined
}

function saysNo(error: Error, isThroughRelay: boolean): boolean {
  if (isThroughRelay) {
    return error.message.includes(NO_RESERVATION)
  }
  return (error as { code?: unknown }).code === REFUSED_CODE || REFUSED_NAMES.has(error.name)
}

/** Where to look for the peer of a lost connection. */
export interface RedialTargets {
  readonly addresses: readonly Multiaddr[]
  readonly areRelayed: boolean
}

/**
 * Where it was reached, or, when it came to us, the addresses of the same transport on the host that it came from, and if
 * there are none its relays. Other addresses would ask somebody else: this host for its own loopback, a stranger in
 * another network; and a transport over UDP says nothing when nobody is there.
 */
export function redialTargets(
  lost: { readonly direction: 'inbound' | 'outbound'; readonly remoteAddr: Multiaddr },
  known: readonly Multiaddr[]
): RedialTargets {
  const relayed = { addresses: known.filter(isRelayed), areRelayed: true }
  if (lost.direction === 'outbound') {
    return { addresses: [lost.remoteAddr], areRelayed: isRelayed(lost.remoteAddr) }
  }
  if (isRelayed(lost.remoteAddr)) {
    return relayed
  }
  const way = wayOf(lost.remoteAddr)
  const addresses = known.filter((address) => !isRelayed(address) && wayOf(address) === way)
  return addresses.length > 0 ? { addresses, areRelayed: false } : relayed
}

function isRelayed(address: Multiaddr): boolean {
  return address.getComponents().some(({ name }) => name === 'p2p-circuit')
}

/** The host (an IP address, a name, or what stands for it in other transports) and the transport. */
function wayOf(address: Multiaddr): string {
  const [first, ...others] = address.getComponents()
  const transport = others.map(({ name }) => name).filter((name) => name !== 'p2p')
  return [first?.name, first?.value, ...transport].join('/')
}
