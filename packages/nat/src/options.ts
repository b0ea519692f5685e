import { InvalidOptionError } from '@p2pshare/interface'
import { RELAY_MAX_BYTES, RELAY_MAX_DURATION_MS, RELAY_MAX_RESERVATIONS, RELAY_RESERVATION_MS } from './constants.ts'

/** Reachability options: which of libp2p's own protocols a node takes part in. */
export interface NatInit {
  /**
   * Serve as a relay: others that cannot be reached may reserve a place here and be dialled through this node. For
   * nodes with a public address and traffic to spare.
   *
   * @default false
   */
  relayServer?: boolean

  /**
   * Reservations kept at once when serving as a relay. More serve more peers and hold more connections.
   *
   * @default 128
   */
  relayMaxReservations?: number

  /**
   * Bytes that one relayed connection may carry, both directions together, when serving as a relay; then it is cut, also
   * within a transfer. More makes relayed transfers longer, and costs this node's bandwidth twice.
   *
   * @default 16_777_216
   */
  relayMaxBytes?: number

  /**
   * Milliseconds that one relayed connection may last, when serving as a relay; then it is cut.
   *
   * @default 600_000
   */
  relayMaxDurationMs?: number

  /**
   * Milliseconds that a reservation is good for, when serving as a relay; clients renew it before it ends. A shorter time
   * frees the places of peers that went away sooner.
   *
   * @default 3_600_000
   */
  relayReservationMs?: number

  /**
   * Answer and ask AutoNAT v2: per-address dial-backs.
   *
   * @default true
   */
  autoNATv2?: boolean

  /**
   * Answer and ask AutoNAT v1 too, for peers that have nothing newer. Off: in libp2p 3.3 it closes the connection that
   * carries a relay reservation.
   *
   * @default false
   */
  autoNATv1?: boolean

  /**
   * Upgrade relayed connections with DCUtR. Off: in libp2p 3.3 it does not reach a direct connection from behind a NAT,
   * and cuts streams in flight.
   *
   * @default false
   */
  dcutr?: boolean
}

/** Options with every default filled in. */
export type NatOptions = Readonly<Required<NatInit>>

/** The defaults of `NatInit`. */
export const NAT_DEFAULTS: NatOptions = Object.freeze({
  relayServer: false,
  relayMaxReservations: RELAY_MAX_RESERVATIONS,
  relayMaxBytes: RELAY_MAX_BYTES,
  relayMaxDurationMs: RELAY_MAX_DURATION_MS,
  relayReservationMs: RELAY_RESERVATION_MS,
  autoNATv2: true,
  autoNATv1: false,
  dcutr: false
})

/** The longest delay a timer takes; a larger one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1

const MOST = {
  relayMaxReservations: 10_000,
  relayMaxBytes: Number.MAX_SAFE_INTEGER,
  relayMaxDurationMs: MAX_TIMER_MS,
  relayReservationMs: MAX_TIMER_MS
} as const

/** Throws `InvalidOptionError` for a value that cannot work. */
export function resolveNatOptions(init: NatInit): NatOptions {
  const options = { ...NAT_DEFAULTS, ...init }
  for (const [name, most] of Object.entries(MOST) as [keyof typeof MOST, number][]) {
    const value = options[name]
    if (!Number.isInteger(value) || value < 1 || value > most) {
      throw new InvalidOptionError(name, `${value} is not a whole number from 1 to ${most}`)
    }
  }
  return Object.freeze(options)
}
