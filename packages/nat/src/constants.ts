const second = 1000
const minute = 60 * second
const hour = 60 * minute

/** Reservations a relay keeps in all. Each costs a connection; libp2p's default of 15 is for a node that relays by the way. */
export const RELAY_MAX_RESERVATIONS = 128

/**
 * What one relayed connection may carry, both directions together: discovery, hole punching and a small share. libp2p's
 * default of 128 KiB does not even carry the map of a large one.
 */
export const RELAY_MAX_BYTES = 16 * 1024 * 1024

/** How long one relayed connection may last. */
export const RELAY_MAX_DURATION_MS = 10 * minute

/** How long a reservation is good for: what the circuit relay v2 specification suggests. */
export const RELAY_RESERVATION_MS = hour

/** Relayed connections open at a time to one peer, at its relay and at the peer itself. */
export const MAX_RELAYED_CONNECTIONS = 300

/** Requests for a place, or for a connection, that one peer may have open at a time. */
export const MAX_HOP_STREAMS = 32

/** A request to the relay is answered within this time or reset. */
export const HOP_TIMEOUT_MS = 30 * second

/** identify push waits for so long for further changes; its own default is a second, which a new address cannot wait for. */
export const IDENTIFY_PUSH_DEBOUNCE_MS = 50

/** Places at relays held at once: one may go away. */
export const RESERVATIONS = 2

/** More places help nobody, and each costs a relay. */
export const MAX_RESERVATIONS = 8

/** How often a connection that is to go is looked at. */
export const DRAIN_CHECK_MS = second

/** The same for one that only tried an address: nobody was to use it, and mostly nobody does. */
export const TRIAL_DRAIN_CHECK_MS = second / 4

/** Longest that streams which the peer opened keep one that only tried an address. */
export const MAX_TRIAL_MS = 60 * second

/** Connections of one server or prober that only tried an address and are still used; one more, and the oldest is closed. */
export const MAX_TRIALS = 32

/** Looks in a row that see no stream in use before it goes: a new one may be on its way. */
export const DRAIN_QUIET_CHECKS = 2

/** Protocols whose streams keep no connection open that is to go. */
export const KEEPALIVE_PROTOCOLS: readonly string[] = [
  '/ipfs/ping/1.0.0',
  '/ipfs/id/1.0.0',
  '/ipfs/id/push/1.0.0',
  '/libp2p/dcutr'
]
