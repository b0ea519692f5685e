const second = 1000

/** What peers offer that know a better way to verify addresses than AutoNAT v1. */
export const AUTONAT_V2_PROTOCOL = '/libp2p/autonat/2/dial-request'

/** What relays offer. */
export const HOP_PROTOCOL = '/libp2p/circuit/relay/0.2.0/hop'

/** What js-libp2p calls itself to others. */
export const JS_AGENT = 'js-libp2p'

/** Our own way through NATs; peers that have it need no DCUtR. */
export const PUNCH_PROTOCOL_PREFIX = '/p2pshare/punch/'

/** A connection that answers does so within a few round trips; DCUtR itself would wait 5 seconds before it punches. */
export const UNILATERAL_DIAL_MS = 2 * second

/** Addresses sent in one DCUtR message: 4 KiB of them is the most that a peer reads. */
export const MAX_DCUTR_ADDRESSES = 16

/** Tries of one simultaneous open: a NAT that answers an early SYN with a reset ends the first. */
export const MAX_OPEN_TRIES = 4
export const OPEN_RETRY_MS = 100
