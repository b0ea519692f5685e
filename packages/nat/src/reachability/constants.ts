const second = 1000
const minute = 60 * second

/** Ask a peer to dial one of this node's addresses. */
export const DIAL_BACK_PROTOCOL = '/p2pshare/dial-back/1.0.0'

/** What the dialled connection is used for: to prove who dialled. */
export const DIAL_BACK_PROOF_PROTOCOL = '/p2pshare/dial-back/1.0.0/proof'

/** Random bytes that only the one who was asked has. */
export const NONCE_BYTES = 16

/** A multiaddr with an IP address and a few certificates' hashes is below 200 bytes. */
export const MAX_ADDRESS_BYTES = 256

/** Any message of the protocol, with its framing. */
export const MAX_MESSAGE_BYTES = 512

/** A dial that takes longer is as good as none; libp2p gives one address 6 seconds. */
export const DIAL_TIMEOUT_MS = 6 * second

/** One exchange, with the dial in it. */
export const ASK_TIMEOUT_MS = 10 * second

/** Questions one peer may ask in a row: it has a few addresses, each of which is verified once in ten minutes. */
export const ASKS_PER_PEER = 8

/** Then one more in this time. */
export const ASK_REFILL_MS = 15 * second

/** Questions all peers together may ask in a row, and the time for one more: two dials a second at most. */
export const ASKS_IN_ALL = 64
export const ASK_REFILL_IN_ALL_MS = 500

/** Dials for others under way at a time. */
export const MAX_DIALS = 8

/** Peers whose questions are counted; the one that asked longest ago is forgotten. */
export const MAX_COUNTED_PEERS = 1024

/** Questions of this node under way at a time. */
export const MAX_PENDING_ASKS = 4

/** A verified address is asked about again after this: mappings and routers change. */
export const VERIFIED_FOR_MS = 10 * minute

/** An unreachable one after this, doubling up to the second. */
export const UNREACHABLE_RETRY_MS = 5 * minute

/** The longest wait before an unreachable address is tried again. */
export const MAX_UNREACHABLE_RETRY_MS = 80 * minute

/** After a peer refused to look, another question to it about that address. */
export const REFUSED_RETRY_MS = 10 * minute

/** After a peer had no time for it, another question to it about that address. */
export const BUSY_RETRY_MS = 20 * second

/** Peers that must have failed before an address is called unreachable: one may be at fault itself. */
export const REQUIRED_FAILURES = 2

/** Addresses with a verdict that are remembered; a node has a handful. */
export const MAX_VERDICTS = 64

/** A NAT keeps a way open for a host that was sent to for at least two minutes, and best five (RFC 4787 REQ-5). */
export const CONTACT_MEMORY_MS = 5 * minute

/** Hosts remembered for that; the one sent to longest ago is forgotten. */
export const MAX_CONTACTS = 1024
