import { InvalidOptionError } from '@p2pshare/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import {
  MAX_RESERVATIONS,
  RELAY_MAX_BYTES,
  RELAY_MAX_DURATION_MS,
  RELAY_MAX_RESERVATIONS,
  RELAY_RESERVATION_MS,
  RESERVATIONS
} from './constants.ts'
import { resolvePortMapOptions } from './port-map/index.ts'
import type { PortMapInit } from './port-map/index.ts'
import type { StunServiceInit } from './prober/index.ts'

/** Reachability options: what a node does to be reached and to reach others. */
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
   * Answer and ask AutoNAT v1 too, for peers that have nothing newer.
   *
   * @default true
   */
  autoNATv1?: boolean

  /**
   * Upgrade relayed connections with DCUtR where the peer has nothing better (go and rust nodes).
   *
   * @default true
   */
  dcutr?: boolean

  /**
   * Have gateways forward this node's listeners (PCP, NAT-PMP, UPnP), for as long as it runs.
   *
   * @default true
   */
  portMapping?: boolean

  /**
   * Punch holes for direct connections to peers that were met over a relay.
   *
   * @default true
   */
  holePunching?: boolean

  /**
   * Places at relays to hold while this node cannot be dialled, 0 to 8. Each is an address to be reached at and costs its
   * relay a connection.
   *
   * @default 2
   */
  reservations?: number

  /**
   * Multiaddrs with peer ids of relays to ask before those that are met.
   *
   * @default []
   */
  relays?: readonly Multiaddr[]

  /**
   * STUN servers beside the peers that answer STUN, as `/ip4/<host>/udp/<port>`.
   *
   * @default []
   */
  stunServers?: readonly Multiaddr[]

  /**
   * Answer STUN questions of others. For nodes with a public address; on by itself for relays.
   *
   * @default false
   */
  stunServer?: boolean

  /**
   * Where STUN is answered, if no UDP transport listens.
   *
   * @default {}
   */
  stun?: StunServiceInit

  /**
   * How gateways are asked.
   *
   * @default {}
   */
  portMap?: PortMapInit
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
  autoNATv1: true,
  dcutr: true,
  portMapping: true,
  holePunching: true,
  reservations: RESERVATIONS,
  relays: [],
  stunServers: [],
  stunServer: false,
  stun: {},
  portMap: {}
})

/** The longest delay a timer takes; a larger one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1

const MOST = {
  relayMaxReservations: 10_000,
  relayMaxBytes: Number.MAX_SAFE_INTEGER,
  relayMaxDurationMs: MAX_TIMER_MS,
  relayReservationMs: MAX_TIMER_MS,
  reservations: MAX_RESERVATIONS
} as const

/** 0 says none. */
const LEAST: Partial<Record<keyof typeof MOST, number>> = { reservations: 0 }

/** Throws `InvalidOptionError` for a value that cannot work. */
export function resolveNatOptions(init: NatInit): NatOptions {
  const options = { ...NAT_DEFAULTS, ...init }
  for (const [name, most] of Object.entries(MOST) as [keyof typeof MOST, number][]) {
    const value = options[name]
    const least = LEAST[name] ?? 1
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new InvalidOptionError(name, `${value} is not a whole number from ${least} to ${most}`)
    }
  }
  resolvePortMapOptions(options.portMap)
  return Object.freeze({ ...options, stunServer: init.stunServer ?? options.relayServer })
}
