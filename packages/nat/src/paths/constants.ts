const second = 1000
const minute = 60 * second

/** How often paths are looked at: silence is noticed late by up to two of these. */
export const TICK_MS = second / 10

/**
 * The unit in which silence is counted. After one of them, while data should flow, bytes take another path if there is
 * one, and come back with the answer.
 */
export const PROBE_INTERVAL_MS = (4 * second) / 5

/** After so many a path is dead, and is cut when there is another: late answers of a full link are no death. */
export const MISSED_PROBES = 4

/** A full link answers late, and later the fuller it is: no silence shorter than this many of its last round trips counts. */
export const LATE_ROUND_TRIPS = 3

/** A path whose bytes move is probed this often all the same, to know how late its answers are. */
export const BUSY_PROBE_MS = 5 * second

/** One that is to carry data and does not is probed so long after its last answer; right away when bytes stopped. */
export const SILENT_PROBE_MS = second / 4

/**
 * One whose silences turned out to be harmless is probed later each time, up to this: peers of a swarm have nothing to say
 * to one another for a moment all the time, and a probe costs both of them as much as several messages.
 */
export const MAX_PATIENCE_MS = second

/** The network interfaces are looked at this often: to read them takes as long as to look at a hundred paths. */
export const INTERFACES_MS = second / 2

/** A path without data is probed this often: less than the 30 s after which NATs forget a UDP mapping. */
export const IDLE_PROBE_MS = 20 * second

/** A relayed connection beside a direct one is closed after this long without a stream that has to stay. */
export const DRAIN_MS = 30 * second

/** A connection that carried data this recently is missed when it is lost. */
export const RECENT_DATA_MS = 5 * second

/** Another connection of the same kind takes over only when its round trip is shorter by this factor: no flapping. */
export const BETTER_RTT_FACTOR = 0.7

/** The same for throughput, of two that were both used. */
export const BETTER_RATE_FACTOR = 2

/** Below this a rate says nothing: there was little to carry. */
export const MIN_RATE_BYTES_PER_SECOND = 256 * 1024

/** Pauses between two requests for a direct path: soon at first, then rarely; doubled each time. */
export const PUNCH_BACKOFF = Object.freeze({ minMs: second, maxMs: 5 * minute })

/** A direct path that lasted this long was a good one: when it is lost, another is asked for at once. */
export const STABLE_MS = 30 * second

/** Times a lost peer is looked for through relays before it counts as gone. */
export const MAX_RECOVERY_DIALS = 4

/** Pause before the second of them; doubled each time. */
export const RECOVERY_BACKOFF_MS = 500

/** Lost peers that are looked for at a time. Each costs a dial. */
export const MAX_RECOVERING_PEERS = 64

/** Times the path to a peer may change and still be told by `explain`; the oldest goes. */
export const MAX_CHANGES_KEPT = 16

/** Peers whose changes are kept after they are gone. */
export const MAX_PEERS_KEPT = 256

/** The protocol by which a path is probed; every libp2p node answers it. */
export const PING_PROTOCOL = '/ipfs/ping/1.0.0'

/** Bytes of a ping: given by its specification. */
export const PING_BYTES = 32

/** Streams that nobody misses: a connection with nothing else may be closed. */
export const KEEPALIVE_PROTOCOLS: readonly string[] = Object.freeze(['/ipfs/ping/', '/ipfs/id/', '/libp2p/dcutr'])

/** Long-lived streams that are opened anew on the connection that stays, and carry messages that may be lost. */
export const MOVABLE_PROTOCOLS: readonly string[] = Object.freeze(['/meshsub/', '/floodsub/'])

/** Links of membership and topics: they are open as long as the connection, watch their peer themselves and wait for nothing. */
export const STANDING_PROTOCOLS: readonly string[] = Object.freeze(['/p2pshare/membership/', '/p2pshare/topics/'])
