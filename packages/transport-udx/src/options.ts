import { InvalidOptionError } from '@p2pshare/interface'
import {
  CLOSE_TIMEOUT_MS,
  HALF_OPEN_TIMEOUT_MS,
  HANDSHAKE_TIMEOUT_MS,
  HIGH_WATER_MARK_BYTES,
  IDLE_PROBE_INTERVAL_MS,
  INACTIVITY_TIMEOUT_MS,
  INIT_RETRY_MS,
  MAX_MISSED_PROBES,
  MAX_OPEN_SOCKETS,
  MAX_READ_BUFFER_BYTES,
  MIN_PROBE_INTERVAL_MS,
  PROBE_INTERVAL_MS,
  SOCKET_BUFFER_BYTES
} from './constants.ts'

/** What the user of `udx()` may choose. */
export interface UdxInit {
  /**
   * Milliseconds after which a dial that was not answered is sent again; each wait is half as long again as the one
   * before. Less makes up for a lost datagram sooner and sends more.
   *
   * @default 200
   */
  initRetryMs?: number

  /**
   * Milliseconds that one address may take to answer. The signal of the dial still cuts it shorter.
   *
   * @default 10_000
   */
  handshakeTimeoutMs?: number

  /**
   * Milliseconds within which who was let in has to send a first byte.
   *
   * @default 5_000
   */
  halfOpenTimeoutMs?: number

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
   * Milliseconds between two probes of the path while data is under way. A path that is gone is noticed after three of
   * them, a new address of the other end after one.
   *
   * @default 1_000
   */
  probeIntervalMs?: number

  /**
   * Milliseconds between two probes while nothing is under way. They keep the mappings of routers alive: routers forget
   * after 30 s.
   *
   * @default 20_000
   */
  idleProbeIntervalMs?: number

  /**
   * Probes in a row that may stay without an answer. More bears worse lines, and notices a dead one later.
   *
   * @default 3
   */
  maxMissedProbes?: number

  /**
   * Connections that others opened to us, at a time, over all listeners. One more is refused. Each costs some tens of
   * kibibytes while idle.
   *
   * @default 1_024
   */
  maxConnections?: number

  /**
   * Those of one IPv4 address or IPv6 /64. A whole office can be behind one.
   *
   * @default 128
   */
  maxConnectionsPerIp?: number

  /**
   * Those that were let in and sent nothing yet.
   *
   * @default 256
   */
  maxHalfOpen?: number

  /**
   * Those of one IPv4 address or IPv6 /64 that were let in and sent nothing yet.
   *
   * @default 32
   */
  maxHalfOpenPerIp?: number

  /**
   * With this many half-open connections, who comes next first has to prove that it gets mail at its address, which costs
   * it a round trip. `0`: always.
   *
   * @default 64
   */
  cookieAbove?: number

  /**
   * Sockets that other services may open at a time. A birthday punch takes 256.
   *
   * @default 512
   */
  maxOpenSockets?: number

  /**
   * Bytes of each buffer of a socket in the system. The system cuts it to what it allows.
   *
   * @default 4_194_304
   */
  socketBufferBytes?: number

  /**
   * Bytes queued in a connection before a writer is told to wait.
   *
   * @default 262_144
   */
  highWaterMarkBytes?: number

  /**
   * Bytes read that nobody took yet, of one connection. UDX cannot be told to slow down: with more it is aborted.
   *
   * @default 4_194_304
   */
  maxReadBufferBytes?: number
}

/** Options with every default filled in. */
export type UdxOptions = Readonly<Required<UdxInit>>

/** The defaults of `UdxInit`. */
export const UDX_DEFAULTS: UdxOptions = Object.freeze({
  initRetryMs: INIT_RETRY_MS,
  handshakeTimeoutMs: HANDSHAKE_TIMEOUT_MS,
  halfOpenTimeoutMs: HALF_OPEN_TIMEOUT_MS,
  inactivityTimeoutMs: INACTIVITY_TIMEOUT_MS,
  closeTimeoutMs: CLOSE_TIMEOUT_MS,
  probeIntervalMs: PROBE_INTERVAL_MS,
  idleProbeIntervalMs: IDLE_PROBE_INTERVAL_MS,
  maxMissedProbes: MAX_MISSED_PROBES,
  maxConnections: 1024,
  maxConnectionsPerIp: 128,
  maxHalfOpen: 256,
  maxHalfOpenPerIp: 32,
  cookieAbove: 64,
  maxOpenSockets: MAX_OPEN_SOCKETS,
  socketBufferBytes: SOCKET_BUFFER_BYTES,
  highWaterMarkBytes: HIGH_WATER_MARK_BYTES,
  maxReadBufferBytes: MAX_READ_BUFFER_BYTES
})

/** The longest delay a timer takes; a larger one would fire at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1

/** More connections than a process can hold. */
export const MAX_COUNT = 1024 * 1024

/** More than any system gives a socket. */
export const MAX_BUFFER_BYTES = 1024 * 1024 * 1024

/** A window of UDX: who reads at all can be this far behind. */
export const MIN_READ_BUFFER_BYTES = 64 * 1024

/** Least and most of each option. */
export const RANGES: Readonly<Record<keyof UdxOptions, readonly [least: number, most: number]>> = {
  initRetryMs: [1, MAX_TIMER_MS],
  handshakeTimeoutMs: [1, MAX_TIMER_MS],
  halfOpenTimeoutMs: [1, MAX_TIMER_MS],
  inactivityTimeoutMs: [1, MAX_TIMER_MS],
  closeTimeoutMs: [1, MAX_TIMER_MS],
  probeIntervalMs: [MIN_PROBE_INTERVAL_MS, MAX_TIMER_MS],
  idleProbeIntervalMs: [MIN_PROBE_INTERVAL_MS, MAX_TIMER_MS],
  maxMissedProbes: [1, 1000],
  maxConnections: [1, MAX_COUNT],
  maxConnectionsPerIp: [1, MAX_COUNT],
  maxHalfOpen: [1, MAX_COUNT],
  maxHalfOpenPerIp: [1, MAX_COUNT],
  cookieAbove: [0, MAX_COUNT],
  maxOpenSockets: [1, MAX_COUNT],
  socketBufferBytes: [4096, MAX_BUFFER_BYTES],
  highWaterMarkBytes: [1024, MAX_BUFFER_BYTES],
  maxReadBufferBytes: [MIN_READ_BUFFER_BYTES, MAX_BUFFER_BYTES]
}

/** Fills in defaults; throws `InvalidOptionError` for a value that cannot work. */
export function resolveUdxOptions(init: UdxInit): UdxOptions {
  const options = { ...UDX_DEFAULTS, ...init }
  for (const [name, [least, most]] of Object.entries(RANGES) as [keyof UdxOptions, readonly [number, number]][]) {
    const value = options[name]
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new InvalidOptionError(name, `${value} is not a whole number from ${least} to ${most}`)
    }
  }
  return Object.freeze(options)
}
