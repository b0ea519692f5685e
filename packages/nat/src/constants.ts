/** Reservations a relay keeps in all. Each costs a connection; libp2p's default of 15 is for a node that relays by the way. */
export const RELAY_MAX_RESERVATIONS = 128

/** What one relayed connection may carry in each direction: enough for discovery and hole punching, not for content. */
export const RELAY_MAX_BYTES = 16 * 1024 * 1024

/** How long one relayed connection may last. */
export const RELAY_MAX_DURATION_MS = 10 * 60 * 1000

/** How long a reservation is good for: what the circuit relay v2 specification suggests. */
export const RELAY_RESERVATION_MS = 60 * 60 * 1000
