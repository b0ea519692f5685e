const second = 1000
const minute = 60 * second

/** Pause before the next address is dialled beside those under way: what RFC 8305 section 5 recommends. */
export const STAGGER_MS = 250

/** A relay is dialled this much after the first public address: one that answers within it saves the relay the work. */
export const RELAY_DELAY_MS = second / 4

/** Another address of a relay that is dialled already is dialled so much after it: longer than a circuit takes mostly. */
export const SAME_RELAY_DELAY_MS = second

/** Addresses of one peer that are dialled at a time. More wait until one of them fails. */
export const MAX_PARALLEL_ADDRESSES = 6

/** Addresses of a later dial of a peer that join one under way: as many as libp2p dials of one peer. */
export const MAX_BROUGHT_ADDRESSES = 25

/**
 * What this node opened itself is mostly what the dial under way is about to return, and who has it early may end that dial, and
 * the connection with it. So who waits gets it after this time.
 */
export const OWN_DIAL_GRACE_MS = 100

/** How long an open circuit may take to answer before another one is dialled: its other end may have gone without a word. */
export const CIRCUIT_ANSWER_MS = second

/** A dial that somebody else's dial swallowed is made anew, this often at most. */
export const MAX_JOINED_DIALS = 3

/** How long one address may take, as long as libp2p gives it. */
export const ADDRESS_DIAL_MS = 6 * second

/** How long dials under way are kept for the next address that libp2p asks for, after it gave one up. */
export const RACE_GRACE_MS = second

/**
 * Last dials of a class that are looked at, and successes among them below which it is a black hole. go-libp2p has 5 of
 * 100; a file-sharing node dials too few addresses to fill that, and a class in a black hole is only put last here.
 */
export const BLACK_HOLE_WINDOW = 20
export const BLACK_HOLE_MIN_SUCCESSES = 1

/** A class in a black hole keeps its place in one dial of this long, to see whether it is out. */
export const BLACK_HOLE_PROBE_MS = minute

/** Dials of one peer that are told by `peers why`. */
export const MAX_DIALS_KEPT = 16

/** Peers whose dials are kept; the one dialled longest ago goes. */
export const MAX_DIALLED_PEERS_KEPT = 256
