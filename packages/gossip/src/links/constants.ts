const KiB = 1024
const MiB = 1024 * KiB
const second = 1000

/** Streams of one link: the one in use, one that takes its place, and what a peer opened in the meantime. */
export const MAX_STREAMS_PER_LINK = 4

/** Bytes that may wait to be sent on one link: a copy of 10,000 members. A peer that does not read loses its link. */
export const MAX_SEND_QUEUE_BYTES = 4 * MiB

/** Bytes that may wait on all links. */
export const MAX_SEND_QUEUES_BYTES = 32 * MiB

/** Unread bytes of one stream, while its peer is throttled. Beyond it the peer ignores our window. */
export const MAX_READ_BUFFER_BYTES = 2 * MiB

/** Bytes one peer may send: at first a copy of 10,000 members, then far above what the busiest network needs (3 kB/s). */
export const PEER_BYTES = Object.freeze({ burst: 4 * MiB, perSecond: 256 * KiB })

/** Frames one peer may send. An honest one sends some ten in a second. */
export const PEER_FRAMES = Object.freeze({ burst: 2_000, perSecond: 200 })

/** Streams one peer may open. */
export const PEER_STREAMS = Object.freeze({ burst: 16, perSecond: 1 })

/** Signatures of claims that one peer may have us check: the first copy, then about 1 % of a core. */
export const PEER_CHECKS = Object.freeze({ burst: 2_000, perSecond: 100 })

/** All peers together. */
export const TOTAL_BYTES = Object.freeze({ burst: 16 * MiB, perSecond: 4 * MiB })
export const TOTAL_FRAMES = Object.freeze({ burst: 16_000, perSecond: 2_000 })
export const TOTAL_CHECKS = Object.freeze({ burst: 4_000, perSecond: 500 })

/** Peers whose spending is remembered; who has not been heard of for longest is forgotten. */
export const MAX_METERED_PEERS = 1_024

/** A peer that must be held back for this long within the window does it on purpose. */
export const MAX_THROTTLED_MS = 15 * second
export const THROTTLE_WINDOW_MS = 30 * second

/** How long nothing is had to do with a peer that broke the rules. */
export const REFUSE_MS = 60 * second

/** Such peers that are remembered: as many as are metered; beyond it the oldest is forgotten. */
export const MAX_REFUSED = 1_024

/** How long a stream that is not used any more may take to close at the other end. */
export const RETIRE_MS = 5 * second

/** Work in one go before others have their turn. */
export const TURN_MS = 8

/** Of a peer with a standing link: above libp2p's own tags for routing (1), below those for relays (100) and users'. */
export const LINK_TAG = 'p2pshare-membership'
export const LINK_TAG_VALUE = 50

/** In the connection manager's queue: after what users wait for (75) and others' default (50). */
export const DIAL_PRIORITY = 40

/** How long the end that was dialled waits for the other to dial again when a connection is lost: no two of them. */
export const REDIAL_WAIT_MS = 100
