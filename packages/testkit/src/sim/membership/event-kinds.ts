/** What happens in the network. Up to `ABORT` it comes through a socket, from there on timers of the node bring it about. */
export const MESSAGE = 1
export const ACCEPT = 2
export const LINK_UP = 3
export const CLOSED = 4
export const REFUSED = 5
export const RESET = 6
export const ABORT = 7
export const DIAL_TIMEOUT = 8
export const WAKE = 9
export const SOON = 10
/** The world's, not a node's. */
export const CALL = 11
/** A process sees to what waits for it. */
export const GO_ON = 12
/** A connection to a process that stands still is given up. */
export const GIVEN_UP = 13
