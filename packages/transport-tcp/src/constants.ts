const second = 1000
const minute = 60 * second

/**
 * After our end was sent, the other side's is waited for this long, while what it still sends is read away: a socket that
 * is destroyed with unread bytes makes the system reset the connection, and what is on its way to the other side is lost.
 */
export const CLOSE_LINGER_MS = second / 2

/** The first byte of a TLS handshake record. */
export const TLS_HANDSHAKE_BYTE = 0x16

/** The first byte of a multistream-select header: its length. In a private network the first byte is random. */
export const MULTISTREAM_BYTE = 0x13

/** How much later than the one before the next address of a peer is tried: what RFC 8305 recommends. */
export const ATTEMPT_DELAY_MS = second / 4

/** How long one address may take to answer; libp2p gives up on the whole dial by then. */
export const CONNECT_TIMEOUT_MS = 10 * second

/** A connection over which nothing goes in either direction for this long is given up, as in `@libp2p/tcp`. */
export const INACTIVITY_TIMEOUT_MS = 2 * minute

/** How long a connection that is closed may take to deliver what it holds. */
export const CLOSE_TIMEOUT_MS = 10 * second

/** How long the connections of a listener that closes may take for that; libp2p gives a connection as long. */
export const LISTENER_CLOSE_TIMEOUT_MS = second

/** Who connects sends the first byte half a round trip later; this is many of the slowest lines. */
export const FIRST_BYTE_TIMEOUT_MS = 5 * second

/** Addresses of one dial that are tried beside each other. Peers say which they have: more would be dial targets for free. */
export const MAX_RACE_ADDRESSES = 8

/** IP addresses that one name stands for that are tried. Public resolvers give some more for large sites, and one is enough. */
export const MAX_ADDRESSES_PER_NAME = 8

/** Addresses of one dial that are remembered; libp2p itself dials no more than 25 of a peer. */
export const MAX_GROUP_ADDRESSES = 25

/** Dials whose addresses are remembered: as many as libp2p's queue holds. The oldest goes first. */
export const MAX_DIAL_GROUPS = 512
