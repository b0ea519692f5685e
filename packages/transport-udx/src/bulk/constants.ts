const second = 1000
const mebibyte = 1024 * 1024

/**
 * UDX streams of one channel. Each has a window of 4 MiB and a congestion window of its own, so two of them fill 800 Mbit/s at
 * 80 ms, and one that has to send a packet again halves the rate and not more. Wire.
 */
export const LANES = 2

/** Bytes of data in one record: few enough calls for each, and a lane that is late holds up little. Wire. */
export const MAX_RECORD_BYTES = 64 * 1024

/** What one end may send before the other said that it took it: 400 Mbit/s at 250 ms, of which 80 ms are distance. Wire. */
export const WINDOW_BYTES = 12 * mebibyte

/**
 * Records that wait for one before them, however little is in them: each takes some hundred bytes of memory beside its body, and
 * an END has no body at all. Who sends nothing but tiny ones sends some 20,000 while a lane finds out that it lost a packet.
 */
export const MAX_EARLY_RECORDS = 64 * 1024

/** Pieces up to so many bytes are put together while they wait: by itself each would take many times its size. */
export const JOINED_BYTES = 4096

/** What was taken is told after this much: a fraction of the window, and hundreds of packets. */
export const CREDIT_STEP_BYTES = mebibyte / 2

/** `write()` says false from here on: enough to keep lanes busy, little enough that a new plan takes effect soon. */
export const WRITE_HIGH_WATER_BYTES = mebibyte

/** `drained()` resolves below half of it, so that one writer does not wake for each record. */
export const WRITE_LOW_WATER_BYTES = WRITE_HIGH_WATER_BYTES / 2

/** A channel over which nothing goes in either direction for this long is closed; another one is quickly opened. */
export const BULK_IDLE_TIMEOUT_MS = second * 30

/** How often idle channels are looked for. */
export const BULK_IDLE_LOOK_MS = second * 5

/** How long an invitation stands when nobody says otherwise: the peer was told of it over an open session. */
export const INVITATION_LIFETIME_MS = 10 * second

/** Streams that nobody may ever come to are kept for no longer. */
export const MAX_INVITATION_LIFETIME_MS = 60 * second

/** A peer that keeps to no rule can have a window of each in memory here: 384 MiB, where all of them do. Invitations count. */
export const MAX_CHANNELS = 32

/** One for each direction of a session, and one for each that is about to replace another. */
export const MAX_CHANNELS_PER_PEER = 4
