import { InvalidOptionError } from '@p2pshare/interface'
import {
  ATTEMPT_DELAY_MS,
  CLOSE_TIMEOUT_MS,
  CONNECT_TIMEOUT_MS,
  FIRST_BYTE_TIMEOUT_MS,
  INACTIVITY_TIMEOUT_MS
} from './constants.ts'

/** What the user of `tcp()` may choose. */
export interface TcpInit {
  /**
   * Milliseconds after which the next address of a peer is tried beside those that have not answered. Less finds the one
   * that works sooner and opens more sockets; `0` tries each address only when libp2p asks for it, one after the other.
   *
   * @default 250
   */
  attemptDelayMs?: number

  /**
   * Milliseconds that one address may take to answer. The signal of the dial still cuts it shorter.
   *
   * @default 10_000
   */
  connectTimeoutMs?: number

  /**
   * Milliseconds without a byte in either direction after which a connection is given up.
   *
   * @default 120_000
   */
  inactivityTimeoutMs?: number

  /**
   * Milliseconds that a connection that is closed may take to deliver what it holds; then it is cut.
   *
   * @default 10_000
   */
  closeTimeoutMs?: number

  /**
   * Milliseconds within which who connects to us has to send a first byte.
   *
   * @default 5_000
   */
  firstByteTimeoutMs?: number

  /**
   * Sockets that others opened to us, at a time, over all listeners. One more is refused. Each costs a file descriptor
   * and some tens of kibibytes.
   *
   * @default 1_024
   */
  maxConnections?: number

  /**
   * Sockets among them that are not through their handshake yet. More take bursts better, and cost more to an attacker's
   * liking.
   *
   * @default 256
   */
  maxPending?: number

  /**
   * Sockets of one IPv4 address or IPv6 /64 that are not through their handshake yet. A whole office can be behind one.
   *
   * @default 64
   */
  maxPendingPerIp?: number

  /**
   * Connections that wait in the system before we have seen them. Past it the system drops new ones.
   *
   * @default 511
   */
  backlog?: number
}

/** Options with every default filled in. */
export type TcpOptions = Readonly<Required<TcpInit>>

/** The defaults of `TcpInit`. */
export const TCP_DEFAULTS: TcpOptions = Object.freeze({
  attemptDelayMs: ATTEMPT_DELAY_MS,
  connectTimeoutMs: CONNECT_TIMEOUT_MS,
  inactivityTimeoutMs: INACTIVITY_TIMEOUT_MS,
  closeTimeoutMs: CLOSE_TIMEOUT_MS,
  firstByteTimeoutMs: FIRST_BYTE_TIMEOUT_MS,
  maxConnections: 1024,
  maxPending: 256,
  maxPendingPerIp: 64,
  backlog: 511
})

/** The longest delay a timer takes; a larger one would fire at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1

/** More sockets than a process can have on the systems we know. */
export const MAX_SOCKETS = 1024 * 1024

/** Linux cuts a larger backlog to 4,096 by itself, and keeps it in 16 bits in places. */
export const MAX_BACKLOG = 65_535

const RANGES: Readonly<Record<keyof TcpOptions, readonly [least: number, most: number]>> = {
  attemptDelayMs: [0, MAX_TIMER_MS],
  connectTimeoutMs: [1, MAX_TIMER_MS],
  inactivityTimeoutMs: [1, MAX_TIMER_MS],
  closeTimeoutMs: [1, MAX_TIMER_MS],
  firstByteTimeoutMs: [1, MAX_TIMER_MS],
  maxConnections: [1, MAX_SOCKETS],
  maxPending: [1, MAX_SOCKETS],
  maxPendingPerIp: [1, MAX_SOCKETS],
  backlog: [1, MAX_BACKLOG]
}

/** Fills in defaults; throws `InvalidOptionError` for a value that cannot work. */
export function resolveTcpOptions(init: TcpInit): TcpOptions {
  const options = { ...TCP_DEFAULTS, ...init }
  for (const [name, [least, most]] of Object.entries(RANGES) as [keyof TcpOptions, readonly [number, number]][]) {
    const value = options[name]
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new InvalidOptionError(name, `${value} is not a whole number from ${least} to ${most}`)
    }
  }
  return Object.freeze(options)
}
