const second = 1000
const minute = 60 * second
const mebibyte = 1024 * 1024

/** UDX marks its own packets with this first byte; a datagram of ours must not begin with it. */
export const UDX_PACKET_BYTE = 0xff

/** First wait before an INIT is sent again: a round trip on a fair line, so a lost one costs little. */
export const INIT_RETRY_MS = second / 5

/** Each wait is longer than the one before by this factor. */
export const INIT_RETRY_FACTOR = 1.5

/** The longest wait between two INITs. */
export const MAX_INIT_RETRY_MS = 2 * second

/** Cookies that one dial takes: one is the rule, another when the first has expired meanwhile. */
export const MAX_RETRIES_OF_ONE_DIAL = 3

/** Dials that wait for an answer at a time; libp2p's own queue runs 100. */
export const MAX_PENDING_DIALS = 1024

/** How long one address may take to answer an INIT; libp2p gives up on the whole dial by then. */
export const HANDSHAKE_TIMEOUT_MS = 10 * second

/** How long who was accepted may take for its first byte of data: many of the slowest round trips. */
export const HALF_OPEN_TIMEOUT_MS = 5 * second

/** A cookie is good in the epoch it was made in and in the next one. */
export const COOKIE_EPOCH_MS = 15 * second

/** How long the same INIT is given the same answer: longer than anybody who had an answer goes on asking. */
export const ACCEPTED_TTL_MS = 20 * second

/** INITs whose answer is remembered: four times the default of `maxConnections`. The oldest goes first. */
export const MAX_ACCEPTED = 4096

/** INITs without a cookie that are looked at, over all addresses: about a tenth of a core. */
export const INIT_RATE_PER_SECOND = 2048
export const INIT_BURST = 4096

/** INITs of one address that are looked at. A whole office can be behind one. */
export const INIT_RATE_PER_IP_PER_SECOND = 64
export const INIT_BURST_PER_IP = 128

/** Half-open connections of one address before who comes next from there has to prove that it is there. */
export const MAX_UNPROVEN_PER_IP = 8

/** Addresses whose rate is remembered; the one that was silent longest is forgotten first. */
export const MAX_RATED_ORIGINS = 4096

/** A connection over which nothing goes in either direction for this long is given up, as in TCP transports. */
export const INACTIVITY_TIMEOUT_MS = 2 * minute

/** How long a connection that is closed may take to deliver what it holds. */
export const CLOSE_TIMEOUT_MS = 10 * second

/** How long the connections of a listener that closes may take for that; libp2p gives a connection as long. */
export const LISTENER_CLOSE_TIMEOUT_MS = second

/** While data is under way a path that is gone is noticed after three of these. */
export const PROBE_INTERVAL_MS = second

/** So often in that time it is looked at what is due. */
export const TICKS_PER_PROBE = 10

/** Below the 30 s after which routers forget a UDP mapping. */
export const IDLE_PROBE_INTERVAL_MS = 20 * second

/** Unanswered probes after which a path is gone. */
export const MAX_MISSED_PROBES = 3

/** How long a challenge to a new address is good. */
export const CHALLENGE_TTL_MS = 5 * second

/** Path messages of one connection that are looked at: twice what two ends send that probe as often as they may. */
export const PATH_MESSAGES_PER_SECOND = 200
export const PATH_MESSAGE_BURST = 400

/** Probing more often than this tells nothing more, and the other end would not look at it. */
export const MIN_PROBE_INTERVAL_MS = 20

/** How long the two ends may take to agree on the keys for path messages. */
export const KEY_EXCHANGE_TIMEOUT_MS = 10 * second

/** Receive and send buffer of a socket; the system's own are too small for bursts, and it cuts this to what it allows. */
export const SOCKET_BUFFER_BYTES = 4 * mebibyte

/** Bytes queued in a stream before a writer is told to wait. */
export const HIGH_WATER_MARK_BYTES = mebibyte / 4

/** Reads of one turn of the event loop are handed up together, up to this many bytes. */
export const COALESCE_BYTES = 64 * 1024

/** Bytes read that nobody took yet. UDX cannot be told to slow down: a connection with more is aborted. */
export const MAX_READ_BUFFER_BYTES = 4 * mebibyte

/** Sockets of `open()` at a time: two birthday punches of 256. */
export const MAX_OPEN_SOCKETS = 512

/** Stream ids that are reserved and not yet used: more than sockets, because a punch retries with new ones. */
export const MAX_RESERVED_IDS = 1024

/** After so many bytes it is noted what was acknowledged, so that no more than this is kept beyond what UDX keeps itself. */
export const CHECKPOINT_BYTES = mebibyte / 4

/** Streams of one connection that it moved away from and still listens to. */
export const MAX_OLD_LINKS = 4

/** Streams whose packets are kept until they are made: more than one punch tries. */
export const MAX_EARLY_IDS = 64

/** Packets that are kept of one: the first flight of a handshake. */
export const MAX_EARLY_PACKETS = 8

/** The largest packet of UDX. */
export const MAX_EARLY_PACKET_BYTES = 1500
