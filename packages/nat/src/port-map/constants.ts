const second = 1000
const minute = 60 * second

/** Where a gateway answers PCP and NAT-PMP (RFC 6887 section 19.1, RFC 6886 section 3.1). */
export const GATEWAY_PORT = 5351

/** Where clients hear what a gateway says to all: it restarted, or its address changed. */
export const ANNOUNCE_PORT = 5350

/** A gateway repeats what it says to all within some seconds; after one, the next ones say nothing new. */
export const ANNOUNCED_PAUSE_MS = 5 * second

/** All systems on this subnet: where a gateway speaks to all of its clients. */
export const ANNOUNCE_GROUP = '224.0.0.1'

/** Where UPnP devices hear a search. */
export const SSDP_PORT = 1900
export const SSDP_GROUP = '239.255.255.250'

/** How long a mapping is asked for. It outlives a process that died by at most this; a gateway may give less. */
export const MAPPING_LIFETIME_MS = 60 * minute

/** A gateway that gives less than this is asked no oftener than if it gave this: it would be a flood otherwise. */
export const MIN_LIFETIME_MS = 2 * minute

/** No lease counts for longer: a gateway that promises years would never be asked again. */
export const MAX_LIFETIME_MS = 24 * 60 * minute

/** How often the gateway is asked whether it still is the one that made the mappings. */
export const CHECK_INTERVAL_MS = minute

/** No gateway is asked oftener, whatever the options say. */
export const MIN_CHECK_MS = 100

/** A gateway that has not answered by then has none of the protocols; a slow UPnP one takes over a second. */
export const PROBE_TIMEOUT_MS = 3 * second

/** One mapping is made within this time, or it failed. */
export const MAP_TIMEOUT_MS = 5 * second

/** Stopping a node must not hang on a gateway; what is not removed by then runs out by itself. */
export const STOP_TIMEOUT_MS = second

/** A question is sent again after this, then after twice that, and so on (RFC 6886 section 3.1). */
export const RETRANSMIT_MS = 250

/** The least time between two tries to renew. */
export const MIN_RENEW_RETRY_MS = 4 * second

/** The first wait after every protocol failed; it doubles up to the second. */
export const RETRY_MS = minute

/** The longest wait between two rounds of all protocols: a router that is switched on later is found within it. */
export const MAX_RETRY_MS = 30 * minute

/** Listeners that are mapped at most. A node listens on a handful of ports; each costs a question every half hour. */
export const MAX_TARGETS = 16

/** Gateways asked at most: one for each network that has a default route. */
export const MAX_GATEWAYS = 2

/** RFC 6887 section 7: no PCP message is longer. */
export const MAX_PCP_BYTES = 1100

/** Descriptions of gateways are some 5 to 20 KiB; the answer to an action is less. */
export const MAX_UPNP_BODY_BYTES = 256 * 1024

/** An answer to a search fits into one datagram that no link cuts. */
export const MAX_SSDP_BYTES = 2048

/** Lines of one that are looked at: devices send about ten, and one that is all ends of lines would be a text for each. */
export const MAX_SSDP_LINES = 64

/** Outside ports tried one after the other at a UPnP version 1 gateway, which does not choose a free one itself. */
export const MAX_UPNP_PORTS = 4
