const second = 1000
const minute = 60 * second

/** Tells who asks from where it is asked, and what time it is (SPEC.md#observed). */
export const OBSERVED_PROTOCOL = '/p2pshare/observed/1.0.0'

/** Spoken by nodes that answer STUN: says on which ports, and knocks from outside (SPEC.md#stun). */
export const STUN_PROTOCOL = '/p2pshare/stun/1.0.0'

/** Bytes of one message of either protocol; the longest valid one has under 200. */
export const MAX_INFO_BYTES = 512

/** Endpoints that one node may name: one for each address family, and one more for each. */
export const MAX_ENDPOINTS = 4

/** One exchange of either protocol takes two round trips. */
export const INFO_TIMEOUT_MS = 5 * second

/** Exchanges of one connection open at a time. */
export const MAX_INFO_STREAMS = 4

/** Servers that are remembered; the one heard of longest ago is forgotten. A probing asks `MAX_SERVERS_ASKED` of them. */
export const MAX_SERVERS = 16

/** Hosts of one machine and address family that STUN is answered at; each costs a socket. */
export const MAX_STUN_HOSTS = 16

/** Two tell the mapping; the others stand in for what does not answer. */
export const MAX_SERVERS_ASKED = 4

/** Sockets opened beside the listening one: their outside ports show how a NAT gives ports out. */
export const FRESH_SOCKETS = 10

/** So many of them answered will do when the servers of the others are silent. */
export const ENOUGH_FRESH = 3

/** Copies of each question against loss, so long after the first: with three, 1 of 1000 is lost at 5 % a link. */
export const COPIES_AT_MS: readonly number[] = Object.freeze([0, 5, 10])

/** Without any answer the questions go out once more after this time, and UDP counts as blocked after twice as long. */
export const RETRY_MS = 250

/** Probings at once after one that left the mapping open: until the next one of `PROBE_INTERVAL_MS` no way but the easy is tried. */
export const MAX_REPEATS = 2

/** The longest such time, for lines of which it is known that they answer late. */
export const MAX_RETRY_MS = 2 * second

/** Where UDP seemed blocked, one more question waits this long for a late answer: satellites, starved machines. */
export const SECOND_THOUGHT_MS = 4 * second

/** Silence after an answer of the same server, against jitter: half its round trip, and no less than this. */
export const GRACE_MS = 25

/** Between two probings of a network that stays the same. */
export const PROBE_INTERVAL_MS = 10 * minute

/** Between two looks at the network addresses of this machine. */
export const ADDRESS_CHECK_MS = 10 * second

/** A server that is new in this time joins the probing that it starts. */
export const GATHER_MS = 20

/** A pool of more ports is not worth probing: a birthday takes them all (SPEC.md, Punching). */
export const MAX_POOL_PORTS = 1024

/** Ports that a NAT gives out one after the other are no further apart. */
export const MAX_PORT_STEP = 16

/** Further ports expected of a NAT that counts up, by the time they are used. */
export const PORTS_AHEAD = 64

/** Clock samples kept, one a peer; the middle one of them counts. */
export const MAX_CLOCK_SAMPLES = 16

/** A round trip longer than this says nothing of a clock. */
export const MAX_CLOCK_RTT_MS = 5 * second

/** From here on, certificates and expiry times go wrong. */
export const CLOCK_WARN_MS = 30 * second

/** From here on, records of others look expired or from the future. */
export const CLOCK_PROBLEM_MS = 10 * minute
