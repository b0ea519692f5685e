/** The second word of every STUN message (RFC 8489 section 5): with the two zero bits before it, it tells STUN from others. */
export const MAGIC_COOKIE = 0x2112a442

/** Type, length, cookie and transaction id. */
export const HEADER_BYTES = 20

export const TRANSACTION_ID_BYTES = 12

/** What a datagram over any path holds (IPv6's least MTU is 1280, less 48 of headers); no message here comes near it. */
export const MAX_MESSAGE_BYTES = 1232

/** A message of ours has six; more is work for nothing. */
export const MAX_ATTRIBUTES = 32

/**
 * What a question of ours is filled up to, so that the whole answer is no bigger: header, three IPv6 addresses, a
 * fingerprint, and 12 to spare.
 */
export const QUESTION_BYTES = 112

/** Answers to one address at once. A probing asks 31 times, with the copies against loss; nodes start together. */
export const MAX_ANSWERS_BURST_PER_IP = 512

/** Answers to one address a second, in the long run; a carrier's NAT has many nodes behind one address. */
export const MAX_ANSWERS_PER_IP_PER_SECOND = 100

/** Answers to all together, a second: at 112 bytes it is under 1 MB/s and some percent of a core. */
export const MAX_ANSWERS_PER_SECOND = 5000

/** Addresses whose answers are counted; beyond it the one heard of longest ago is forgotten. */
export const MAX_COUNTED_IPS = 4096

/** First wait for an answer; it doubles (RFC 8489 section 6.2.1). */
export const FIRST_WAIT_MS = 500

/** Times that a question is sent at most (Rc of RFC 8489). */
export const MAX_SENDS = 7

/** The wait after the last sending, in first waits (Rm of RFC 8489). */
export const LAST_WAIT_FACTOR = 16

/** Questions that one client may have open: a probing of both families has under 100. */
export const MAX_OPEN_QUESTIONS = 512
