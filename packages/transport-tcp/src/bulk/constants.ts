import { BULK_TOKEN_BYTES } from '@p2pshare/interface'

const second = 1000
const minute = 60 * second
const kibibyte = 1024

/** What a bulk channel's TLS handshake offers, and the only thing that its listener takes. */
export const BULK_ALPN = 'p2pshare-bulk/1'

/** What the one who was dialled answers to a token that it takes; other values are kept for later. */
export const READY = 0x01

/** What the dialler sends first: the token and nothing else. */
export const GREETING_BYTES = BULK_TOKEN_BYTES

/** From the first byte to the token: three round trips and a signature on each side, 20 times over on the slowest lines. */
export const BULK_HANDSHAKE_TIMEOUT_MS = 5 * second

/** A channel over which nothing goes in either direction for this long is closed; another one is quickly opened. */
export const BULK_IDLE_TIMEOUT_MS = minute / 2

/** How long a channel that has sent all waits for the other side's end. */
export const BULK_LINGER_MS = 2 * second

/** How long an invitation stands when nobody says otherwise: the peer was told of it over an open session. */
export const INVITATION_LIFETIME_MS = 10 * second

/** Tokens are remembered for no longer, so that they cannot pile up. */
export const MAX_INVITATION_LIFETIME_MS = minute

/** A handshake costs some milliseconds of CPU and under 100 KiB: at the most 6 MiB, and a fraction of a second of one core. */
export const MAX_PENDING_HANDSHAKES = 64

/** Some peers may sit behind one address; one address must not take all places. */
export const MAX_PENDING_HANDSHAKES_PER_IP = 8

/** Open channels hold up to some 2 MiB of queues each when their peers are slow: 512 MiB, where all of them are. */
export const MAX_CHANNELS = 256

/** One for each direction of a session, and one for each that is about to replace another. Open invitations count. */
export const MAX_CHANNELS_PER_PEER = 4

/** As many peers behind one address as there are in an office, with a channel or two each. */
export const MAX_CHANNELS_PER_IP = 64

/** `write()` says false from here on: enough to keep a fast line busy, little enough that a new plan takes effect soon. */
export const WRITE_HIGH_WATER_BYTES = 1024 * kibibyte

/** `drained()` resolves below half of it, so that one writer does not wake for each block. */
export const WRITE_LOW_WATER_BYTES = WRITE_HIGH_WATER_BYTES / 2

/** Writes smaller than this are put together: TLS has 22 bytes and a system call for each. */
export const GATHER_BELOW_BYTES = 16 * kibibyte

/** The largest record of TLS: what is copied to stand in front of a large part fills one. */
export const TLS_RECORD_BYTES = 16 * kibibyte

/** What is put together at most. */
export const GATHER_BYTES = 64 * kibibyte

/** Bytes that arrive after the sink asked for a pause: Node has read up to 64 KiB by then, and hands all of it on. */
export const SPILL_BYTES = 64 * kibibyte

/** More than one read of Node's cannot follow a pause; more than a few times of it is a fault, and ends the channel. */
export const MAX_SPILL_BYTES = 8 * SPILL_BYTES
