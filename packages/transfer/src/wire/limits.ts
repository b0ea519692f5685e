/** Bounds of the control lane. Each has a row in docs/LIMITS.md and a test at the bound and one past it. */

/** A control message: 1,024 runs of 3 five-byte varints with their tags, or 4,096 ranges, with room to spare. */
export const MAX_CONTROL_BYTES = 64 * 1024

/** Fields of a control message: its part, and what a later version puts beside it. Each makes an object, used or not. */
export const MAX_CONTROL_FIELDS = 16

/** Ranges in one WANT, HAVE, OFFER or PASS; longer sets are split over several messages. */
export const MAX_RANGES = 4096

/** Block runs in one REQUEST, CANCEL or REJECT. */
export const MAX_RUNS = 1024

/** CIDs in one GET_NODES. */
export const MAX_NODE_CIDS = 256

/** Longest CID accepted: version, codec, and a 32-byte multihash take 36 bytes; varints leave room for 4 more. */
export const MAX_CID_BYTES = 40

/** The session id both lanes carry: enough that it cannot be guessed by a peer that was not told. */
export const SESSION_ID_BYTES = 16

/** Runs are counted in 16 KiB blocks, and a leaf is at most 2 MiB. */
export const MAX_LEAF_BLOCKS = 128
