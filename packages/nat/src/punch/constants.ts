const second = 1000
const minute = 60 * second

/** The coordination protocol, over relayed connections. */
export const PUNCH_PROTOCOL = '/p2pshare/punch/1.0.0'

/** The largest message: every list full, with room for fields of later versions. */
export const MAX_MESSAGE_BYTES = 2048

/** Candidates in one message: two families, two transports, four kinds, and a spare. */
export const MAX_CANDIDATES = 20

/** One class for each address family. */
export const MAX_NATS = 2

/** Ways in one message: what there are, and as many again for later ones. */
export const MAX_WAYS = 20

/** Distinct hosts of one family that a peer may name: a network interface and an outside address. */
export const MAX_HOSTS_PER_FAMILY = 2

/** Identifies an attempt in a probe; it is no secret. */
export const ATTEMPT_BYTES = 8

/** What each end adds to the key of the probes. */
export const SECRET_BYTES = 16

/** A probe is HMAC-SHA256 cut to this; forging one costs 2^63 datagrams on average, and opens nothing by itself. */
export const MAC_BYTES = 8

/**
 * Streams that both ends keep ready for one attempt. A lost first packet of UDX costs a second, so another upgrade is
 * started beside one that takes long.
 */
export const UPGRADE_TRIES = 4

/** When the next upgrade is started beside one that has not finished. Longer than two round trips of most paths. */
export const UPGRADE_STAGGER_MS = 500

/** How often a path that is being opened is probed: often enough that 20 % loss costs no time. */
export const PROBE_INTERVAL_MS = 20

/** How long it is probed at that interval. */
export const PROBE_TRAIN_MS = second

/** Thereafter: the other end may have been told late. */
export const PROBE_SLOW_INTERVAL_MS = 100

/** Nominations sent at once: the upgrade follows on their heels, and is to find the other end ready. */
export const NOMINATION_BURST = 3

/**
 * How long the upgrade waits for the other end to be ready: datagrams overtake each other, and a first packet that comes
 * too early is lost, which costs a second.
 */
export const NOMINATION_LEAD_MS = 8

/** Sockets of the hard side: with 256 of them every probe of the easy side hits one with 256/64512. */
export const BIRTHDAY_SOCKETS = 256

/** Ports that the easy side tries at most. With 256 sockets at the other side 99.7 % of attempts need no more. */
export const BIRTHDAY_PROBES = 1500

/**
 * Probes a second of the easy side: half of all attempts hit within 120 ms, and all of `BIRTHDAY_PROBES` are out in a second.
 * With their headers they are 77 KB/s; home routers keep up with it.
 */
export const SPRAY_PER_SECOND = 1500

/** The hard side's sockets send again this often, for those whose first datagram was lost. */
export const BIRTHDAY_REPEAT_MS = 750

/**
 * Head start of the punch of two easy NATs where one only may be a hard one: most pairs that it opens are open by then, and so many
 * sockets and ports are spared.
 */
export const BIRTHDAY_DOUBT_MS = 250

/** Widest pool that two hard sides try: the probes it takes grow with its width. */
export const MAX_POOL_PORTS = 1024

/** Ports around the ones that were seen which are taken for part of the pool: a few answers do not show all of it. */
export const POOL_MARGIN_PORTS = 32

/**
 * Sockets that each hard side probes the pool from. With n times the pool's width in probes from each side, n² pairs are
 * to be expected that find each other: 9, so it fails once in 8000 times.
 */
export const POOL_SOCKETS = 3

/** The first port that NATs give out. */
export const LOWEST_OUTSIDE_PORT = 1024

/** Probes to one peer in a minute: two full attempts. */
export const MAX_PEER_PROBES_PER_MINUTE = 8_000

/** Probes to everybody in a minute: 400 a second of 51 bytes with their headers, so 20 KB/s at the most. */
export const MAX_PROBES_PER_MINUTE = 24_000

/** Peers whose probes are counted; the oldest is forgotten, and the bound for all of them holds still. */
export const MAX_COUNTED_PEERS = 256

/** One probe is rather this many sends than a spin: what one turn of the event loop sends. */
export const MAX_SENDS_PER_TURN = 64

/** How long an exchange over the relay may take: slow relays need several round trips. */
export const EXCHANGE_TIMEOUT_MS = 5 * second

/** How long ways over UDP go on. */
export const UDP_TIMEOUT_MS = 5 * second

/** How long an upgrade may take over a hole that is open. */
export const UPGRADE_TIMEOUT_MS = 6 * second

/** A plain dial of an address that should answer. */
export const DIAL_TIMEOUT_MS = 3 * second

/** How long TCP ends dial each other. */
export const TCP_TIMEOUT_MS = 4 * second

/** Between two dials of a simultaneous open, when a router answered in the other end's place. */
export const TCP_RETRY_MS = 10

/** A refused dial costs the network a packet or two. */
export const MAX_TCP_DIALS = 100

/** WebRTC goes through a relay and an exchange of its own. */
export const WEBRTC_TIMEOUT_MS = 3 * second

/** All of one attempt. */
export const ATTEMPT_TIMEOUT_MS = 10 * second

/** Asking servers for outside addresses, when nothing is known yet. */
export const LEARN_TIMEOUT_MS = second

/** Attempts under way with all peers. */
export const MAX_CONCURRENT_PUNCHES = 16

/**
 * The end that was dialled through the relay leaves it to the other to begin, for this long: then one ask is sent and not
 * two.
 */
export const INBOUND_DELAY_MS = second

/** Asks of both ends that cross do so within a round trip over the relay; one that is out for longer was lost. */
export const MAX_CROSSING_MS = second / 2

/** Waits between attempts with one peer, after each failure. */
export const BACK_OFF_MS: readonly number[] = Object.freeze([5 * second, 30 * second, 2 * minute, 10 * minute])

/** Asks that one peer may make in a minute: more than an honest one with its back-off makes. */
export const MAX_ASKS_PER_MINUTE = 12

/** Peers of which attempts are kept for `peers why`; the one tried longest ago is forgotten. */
export const MAX_LOGGED_PEERS = 256

/** Tries kept of one peer: three attempts with every strategy. */
export const MAX_LOGGED_TRIES = 32

/** How long a punch waits for the class of this node's NAT, and how often it looks: two round trips of a slow path. */
export const CLASS_WAIT_MS = 800

/** And while nothing is known since UDP gives no answer: what is left is TCP, which takes a second more for each SYN that is lost. */
export const BLOCKED_WAIT_MS = 2500
export const CLASS_POLL_MS = 20
