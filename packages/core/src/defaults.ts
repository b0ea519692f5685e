import type { ConnectionManagerInit, Libp2pInit } from 'libp2p'

/** All interfaces, any free port. A machine without IPv6 listens on those of IPv4 alone. */
export const LISTEN: readonly string[] = Object.freeze([
  '/ip4/0.0.0.0/tcp/0',
  '/ip6/::/tcp/0',
  '/ip4/0.0.0.0/udp/0/utp',
  '/ip6/::/udp/0/utp'
])

/**
 * libp2p's own defaults (5 new connections a second from one address, 10 that are not yet secured) reset three of four
 * dials when an office or a family behind one NAT, or several nodes on one machine, arrive together. Each pending
 * connection costs a socket and some 100 KiB for at most ten seconds. As many of them as the transports let in (`maxPending`), which
 * count by address as well: with fewer, half-open handshakes of some tens of hosts keep everybody else out.
 */
export const CONNECTIONS: Readonly<ConnectionManagerInit> = Object.freeze({
  inboundConnectionThreshold: 100,
  maxIncomingPendingConnections: 256
})

/**
 * How long a connection may leave a ping unanswered before it is cut. libp2p's own 5 s cut live connections wherever
 * a machine is busy for a moment: to dial them again makes it busier still. That a path is silent while data should flow
 * is noticed by the path manager, within a second or two.
 */
export const CONNECTION_MONITOR: Readonly<NonNullable<Libp2pInit['connectionMonitor']>> = Object.freeze({
  pingInterval: 15_000,
  pingTimeout: Object.freeze({ minTimeout: 30_000, maxTimeout: 60_000 })
})

/**
 * How long a peer's address counts without news of it. libp2p's hour ends the use of a provider record long before the
 * record itself ends: its holders answer with addresses from their peer store. 48 h is how long the record may live.
 */
export const PEER_ADDRESSES = Object.freeze({ maxAddressAge: 48 * 60 * 60 * 1000 })

/** Addresses of this node in a ticket: each makes it some 20 characters longer, and the first few do the work. */
export const MAX_SHARED_ADDRESSES = 8

/** Pauses before a bootstrap peer is dialled again: soon, since it may be starting too; then rarely. */
export const BOOTSTRAP_RETRY = Object.freeze({ minMs: 1_000, maxMs: 60_000 })

/** Above untagged peers (0) and below those that someone transfers with (100), where connections are to be closed. */
export const BOOTSTRAP_TAG_VALUE = 50

/** How this node names itself to others (identify). */
export const NODE_INFO = Object.freeze({ name: 'p2pshare', version: '0.1.0' })

/** Ping streams of one peer, each way: the path manager, the relay client, the DHT and a person may ping at once. */
export const MAX_PINGS = 8
