const second = 1000
const minute = 60 * second
const hour = 60 * minute

/** The network P2PShare nodes form among themselves; the messages are those of the libp2p Kademlia spec. */
export const PROTOCOL = '/p2pshare/kad/1.0.0'

/** Nodes of one local network, by private addresses only. */
export const LAN_PROTOCOL = '/p2pshare/lan/kad/1.0.0'

/** The public network of IPFS. */
export const AMINO_PROTOCOL = '/ipfs/kad/1.0.0'

/** Keeps our records apart from those of another Kademlia service on the same datastore. */
export const DATASTORE_PREFIX = '/p2pshare/dht'

/** kad-dht's own store of records is empty; were there one, it would go after this long. */
export const OWN_RECORD_VALIDITY_MS = 5 * hour

/** How often kad-dht looks for them. */
export const OWN_RECORD_SWEEP_INTERVAL_MS = 30 * minute

/**
 * Bits of the key space the routing table tells apart. A record goes to the 20 nearest only if those near its key know
 * each other: 2^8 buckets suffice for 10^4 nodes, 2^12 for 10^5.
 */
export const TABLE_PREFIX_BITS = 12

/** Contacts of one bucket: what the Kademlia spec calls k. */
const BUCKET_CONTACTS = 20

/**
 * Contacts of one routing table: 20 in each of 2^12 buckets, and never more than the network has servers. One takes 1.7
 * KiB of memory, so that a full table has about 140 MB in a network of 10^5 and more, and one of 10^4 nodes 17 MB. kad-dht
 * has no limit of its own below that.
 */
export const MAX_TABLE_CONTACTS = BUCKET_CONTACTS * 2 ** TABLE_PREFIX_BITS

/** One path with ten requests in flight: ten paths cost five times the messages and wait for their slowest contact. */
export const DISJOINT_PATHS = 1

/** The node looks up its own neighbourhood this often, so that a node which started alone fills its table soon. */
export const SELF_QUERY_INTERVAL_MS = minute

/** Peers a record is put on: the 20 nearest to its key, as the Kademlia spec says. */
export const HOLDERS = 20

/** Lookups of announcements at the same time, each with up to five requests in flight. A thousand take ten minutes. */
export const ANNOUNCE_CONCURRENCY = 2

/** One announcement is given up after this long and tried again later; a region takes the longest. */
export const ANNOUNCE_TIMEOUT_MS = 60 * second

/** An announced root is not announced again sooner than this, however many peers join. */
export const MIN_ANNOUNCE_GAP_MS = 10 * second

/** First and longest pause before a failed announcement is tried again; it doubles in between. */
export const RETRY_MIN_MS = 250
export const RETRY_MAX_MS = 10 * minute

/** How often membership is asked whether holders have died, and the clock whether the machine slept. */
export const REPAIR_INTERVAL_MS = minute

/** Roots one node announces, about 100 MB of memory; a sweep of so many takes some 1,000 lookups among 10^4 nodes. */
export const MAX_WANTED_ROOTS = 100_000

/** How long `provide()` waits for the first peer of the table while this node is connected to somebody: identify and a ping. */
export const JOIN_WAIT_MS = 5_000
