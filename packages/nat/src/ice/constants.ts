/**
 * STUN servers given to one connection. libdatachannel takes one of the list at random and never asks another: one that is
 * gone costs the try, and with two the next try may take the other.
 */
export const MAX_ICE_STUN_SERVERS = 2

/** TURN servers that may be named. libdatachannel takes two at random and leaves the others out without a word. */
export const MAX_TURN_SERVERS = 2

/** UTF-8 bytes of a user name or a credential for TURN: what USERNAME of RFC 8489 holds. */
export const MAX_TURN_TEXT_BYTES = 508
