const second = 1000
const minute = 60 * second
const hour = 60 * minute

/** The network P2PShare nodes form among themselves; the messages are those of the libp2p Kademlia spec. */
export const PROTOCOL = '/p2pshare/kad/1.0.0'

/** Keeps our records apart from those of another Kademlia service on the same datastore. */
export const DATASTORE_PREFIX = '/p2pshare/dht'

/**
 * kad-dht's own store holds what this node provides itself, and nothing of others. What is no longer announced goes from it
 * after this long.
 */
export const OWN_RECORD_VALIDITY_MS = 5 * hour

/** How often kad-dht looks for those. */
export const OWN_RECORD_SWEEP_INTERVAL_MS = 30 * minute

/** Bits of the key space the routing table tells apart: 2^8 buckets of 20 contacts route up to about 10^4 nodes. */
export const TABLE_PREFIX_BITS = 8

/** One path with ten requests in flight: ten paths cost five times the messages and wait for their slowest contact. */
export const DISJOINT_PATHS = 1

/** The node looks up its own neighbourhood this often, so that a node which started alone fills its table soon. */
export const SELF_QUERY_INTERVAL_MS = minute

/** Peers a record is put on: the 20 nearest to its key, as the Kademlia spec says. */
export const HOLDERS = 20

/** Roots announced at the same time; each is a walk with up to ten requests in flight. */
export const ANNOUNCE_CONCURRENCY = 4

/** One announcement (walk, puts, reading back) is given up after this long and tried again later. */
export const ANNOUNCE_TIMEOUT_MS = 30 * second

/** An announced root is not announced again sooner than this, however many peers join. */
export const MIN_ANNOUNCE_GAP_MS = 10 * second

/** First and longest pause before a failed announcement is tried again; it doubles in between. */
export const RETRY_MIN_MS = 250
export const RETRY_MAX_MS = 30 * second

/** How often the record is asked back from its holders after it was sent, and the pause before the first repeat. */
export const CONFIRM_TRIES = 3
export const CONFIRM_PAUSE_MS = 50

/** Roots one node announces. Four at a time at about a second each, more than this would not fit into an hour. */
export const MAX_WANTED_ROOTS = 10_000

/** Providers one search yields, and so the ids it remembers. A swarm needs tens; hostile answers could name millions. */
export const MAX_PROVIDERS = 256

/** Addresses of one provider that are passed on; a real node has a handful. */
export const MAX_PROVIDER_ADDRESSES = 16
