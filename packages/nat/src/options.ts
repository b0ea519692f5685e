import { InvalidOptionError } from '@p2pshare/interface'
import {
  RELAY_MAX_BYTES,
  RELAY_MAX_DURATION_MS,
  RELAY_MAX_RESERVATIONS,
  RELAY_RESERVATION_MS
} from './constants.ts'

/** Reachability options: which of libp2p's own protocols a node takes part in. */
export interface NatInit {
  /**
   * Serve as a relay: others that cannot be reached may reserve a place here and be dialled through this node.
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
   * Bytes that one relayed connection may carry each way, when serving as a relay. More makes relayed transfers
   * longer, and costs this node's bandwidth twice.
   *
   * @default 16_777_216
   */
  relayMaxBytes?: number

  /**
   * Milliseconds that one relayed connection may last, when serving as a relay.
   *
   * @default 600_000
   */
  relayMaxDurationMs?: number

  /**
   * Milliseconds that a reservation is good for, when serving as a relay; clients renew it before it ends.
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

export type NatOptions = Readonly<Required<NatInit>>

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

/** Throws `InvalidOptionError` for a value that cannot work. */
export function resolveNatOptions(init: NatInit = {}): NatOptions {
  const options = { ...NAT_DEFAULTS, ...init }
  for (const name of ['relayMaxReservations', 'relayMaxBytes', 'relayMaxDurationMs', 'relayReservationMs'] as const) {
    if (!Number.isSafeInteger(options[name]) || options[name] < 1) {
      throw new InvalidOptionError(name, `${String(options[name])} is not a whole number above 0`)
    }
  }
  return options
}
