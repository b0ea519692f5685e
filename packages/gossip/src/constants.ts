const second = 1000

/** Every member is in this topic; who it is and that it is there is all that is said in it. */
export const MEMBERS_TOPIC = '/p2pshare/members/1'

/** Before the root CID (as version 1, base32): the topic in which the peers of one share meet. */
export const SHARE_TOPIC_PREFIX = '/p2pshare/share/1/'

/** Addresses in one message. A node behind several relays on IPv4 and IPv6 has fewer; more are dial targets for free. */
export const MAX_ADDRESSES = 16

/** Bytes of one address: two peer ids, a relay, a long DNS name and certificate hashes fit. */
export const MAX_ADDRESS_BYTES = 256

/** Bytes of one message: all addresses at their limit, 3 bytes of framing each, and the kind. */
export const MAX_PRESENCE_BYTES = MAX_ADDRESSES * (MAX_ADDRESS_BYTES + 3) + 2

/** Bytes of one gossipsub frame, which holds subscriptions and several messages: 2,000 topic names fit. */
export const MAX_FRAME_BYTES = 256 * 1024

/** Bytes that may wait to be sent to one peer; one that does not read loses its gossip stream, not our memory. */
export const MAX_SEND_BUFFER_BYTES = 1024 * 1024

/**
 * Neighbours a message is passed on to at once, and told of at each heartbeat. Wider than gossipsub's own 6 to 12 and 6:
 * small networks are stars around a bootstrap node, which else would leave out most of those that hang on it alone.
 * Messages are small and rare.
 */
export const MESH = Object.freeze({ D: 8, Dlo: 6, Dhi: 24, Dlazy: 24 })

/** Elements of one gossipsub frame. A frame beyond one of these is dropped whole. */
export const FRAME_LIMITS = Object.freeze({
  maxSubscriptions: 2_000,
  maxMessages: 500,
  maxIhaveMessageIDs: 5_000,
  maxIwantMessageIDs: 5_000,
  maxIdontwantMessageIDs: 512,
  maxControlMessages: 2_000,
  maxPeerInfos: 16
})

/** Members remembered, dead and left ones included. A thousand is a large private network; an entry is about 1 KiB. */
export const MAX_MEMBERS = 4_096

/** Peers remembered per share. A swarm downloads from tens. */
export const MAX_SHARE_PEERS = 1_000

/** Peers whose faults are remembered. */
export const MAX_REPUTATIONS = 1_000

/** Signers and neighbours whose message rate is watched; beyond it the oldest window is forgotten. */
export const MAX_RATE_KEYS = 8_192

/** Messages of one signer in one topic that are passed on per window: joining, answering newcomers, leaving. */
export const MAX_MESSAGES_PER_SIGNER = 40

/** Messages one neighbour may bring per window, whoever signed them: a network of 4,096 that says hello every 15 s. */
export const MAX_MESSAGES_PER_NEIGHBOUR = 4_000
export const RATE_WINDOW_MS = 10 * second

/** Shortest pause between two announcements in one topic, and what each listener adds to it. */
export const MIN_ANNOUNCE_GAP_MS = 250
export const ANNOUNCE_GAP_PER_PEER_MS = 25

/** How often, and how soon, an announcement is repeated while a listener has no stream from us yet; the pause doubles. */
export const MAX_REACH_TRIES = 4
export const REACH_RETRY_MS = 250

/**
 * Pause after the first announcement since something changed; it grows until it is the interval. A message on its way
 * while the mesh is still forming reaches only some, so what is new is said a few times. Each time costs every member as
 * many copies as it has neighbours.
 */
export const FIRST_PAUSE_MS = 300
export const PAUSE_GROWTH = 4

/**
 * Members that answer one newcomer, about: in a larger audience each answers with this chance over its size. A newcomer
 * needs some peers at once; it hears of the rest within an interval.
 */
export const ANSWERS_PER_NEWCOMER = 32

/** Announcements that may be missed before their sender counts as gone. */
export const MISSED_ANNOUNCEMENTS = 3

/** After the goodbye: what is written last is lost when the connection closes while it is still being encrypted. */
export const LEAVE_LINGER_MS = 50
