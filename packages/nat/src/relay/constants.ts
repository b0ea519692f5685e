const second = 1000
const minute = 60 * second
const mebibyte = 1024 * 1024

/** The protocol by which a place at a relay is asked for, and a circuit through it. */
export const HOP_PROTOCOL = '/libp2p/circuit/relay/0.2.0/hop'

/** What a relay says to who is asked for. */
export const STOP_PROTOCOL = '/libp2p/circuit/relay/0.2.0/stop'

/** Places held at a time: one relay may go away, and the other is there already. */
export const WANTED_RESERVATIONS = 2

/** Most that may be wanted: each is a connection and an address to announce. */
export const MAX_RESERVATIONS = 8

/** Relays that are remembered, held or not. Peers that say they are relays cost us nothing more. */
export const MAX_RELAYS_KNOWN = 64

/** Pauses before a relay that refused or failed is asked again; doubled each time. */
export const RELAY_RETRY = Object.freeze({ minMs: 5 * second, maxMs: 10 * minute })

/** Pause before a relay is asked again whose connection was lost. */
export const RELAY_LOST_MS = second

/** How long a request for a place may take: as long as libp2p's own listener gives it. */
export const RESERVE_TIMEOUT_MS = 5 * second

/** How long a candidate's round trip is waited for before it is ranked without. */
export const MEASURE_TIMEOUT_MS = second

/** How often the state of reservations is looked at. */
export const RELAY_TICK_MS = 5 * second

/** Relays known from earlier that are dialled at a time while places are missing, and the pause before more are. */
export const MAX_MEETINGS = 3
export const MEET_PAUSE_MS = 30 * second

/** Prefix of an address that stands for one network: an operator seldom has two relays in as many of them. */
export const NETWORK_BITS = Object.freeze({ ip4: 16, ip6: 32 })

/** Peers whose relayed bytes are counted; the one heard of longest ago goes. */
export const MAX_PEERS_METERED = 1024

/** Places that one IP address (IPv6: one /64, what a household has) may hold at our relay: a NATed office. */
export const MAX_RESERVATIONS_PER_IP = 32

/** Circuits that one peer may have open through our relay, as either end. */
export const MAX_CIRCUITS_PER_PEER = 16

/** Circuits that one IP address may have asked for and still has open. */
export const MAX_CIRCUITS_PER_IP = 64

/** Circuits open at a time in all: each is two streams. */
export const MAX_CIRCUITS = 512

/** Bytes a minute that the circuits of one peer may carry: enough to find each other and for small shares. */
export const MAX_PEER_BYTES_PER_MINUTE = 128 * mebibyte

/** Bytes a minute that all circuits may carry: some 280 Mbit/s in and as much out. */
export const MAX_TOTAL_BYTES_PER_MINUTE = 2048 * mebibyte

/** The time that bytes are counted over. */
export const BYTES_WINDOW_MS = minute

/** A request for a circuit that came to nothing within this time does not count any more. */
export const PENDING_CIRCUIT_MS = 30 * second

/** What a relay answers to who asks for a circuit: a status and a limit take under 30 bytes. */
export const MAX_STATUS_BYTES = 1024
