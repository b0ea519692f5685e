import { InvalidOptionError } from '@p2pshare/interface'
import {
  CHECK_INTERVAL_MS,
  GATEWAY_PORT,
  MAPPING_LIFETIME_MS,
  MAX_LIFETIME_MS,
  MIN_CHECK_MS,
  MIN_LIFETIME_MS
} from './constants.ts'

/** Options of port mapping. */
export interface PortMapInit {
  /**
   * Milliseconds a mapping is asked for; it is renewed at half of that. After a crash it stays open for what is left of
   * it. A longer one costs fewer questions.
   *
   * @default 3_600_000
   */
  mappingLifetimeMs?: number

  /**
   * Milliseconds between two questions whether the gateway restarted or changed its address. Less notices it sooner.
   *
   * @default 60_000
   */
  gatewayCheckMs?: number

  /**
   * Ask this gateway, and look for no other. For networks where the default route says nothing, and for tests.
   *
   * @default none: the gateway of the default route
   */
  gateway?: PortMapGateway
}

/** A gateway that is given by hand. */
export interface PortMapGateway {
  /** Its IPv4 address. One of loopback has this node's loopback listeners mapped too. */
  readonly host: string
  /** This node's address in its network. */
  readonly internalIp: string
  /**
   * Port of PCP and NAT-PMP.
   *
   * @default 5351
   */
  readonly port?: number
  /**
   * Port of UPnP's search, asked at `host` alone.
   *
   * @default 1900, also by multicast
   */
  readonly ssdpPort?: number
}

/** Options with every default filled in. */
export type PortMapOptions = Readonly<Required<Omit<PortMapInit, 'gateway'>> & Pick<PortMapInit, 'gateway'>>

/** The defaults of `PortMapInit`. */
export const PORT_MAP_DEFAULTS: PortMapOptions = Object.freeze({
  mappingLifetimeMs: MAPPING_LIFETIME_MS,
  gatewayCheckMs: CHECK_INTERVAL_MS
})

/** Throws `InvalidOptionError` for a value that cannot work. */
export function resolvePortMapOptions(init: PortMapInit = {}): PortMapOptions {
  const options = { ...PORT_MAP_DEFAULTS, ...init }
  const { mappingLifetimeMs, gatewayCheckMs, gateway } = options
  check('mappingLifetimeMs', mappingLifetimeMs, MIN_LIFETIME_MS, MAX_LIFETIME_MS)
  check('gatewayCheckMs', gatewayCheckMs, MIN_CHECK_MS, MAX_LIFETIME_MS)
  check('gateway.port', gateway?.port ?? GATEWAY_PORT, 1, 65_535)
  check('gateway.ssdpPort', gateway?.ssdpPort ?? GATEWAY_PORT, 1, 65_535)
  return Object.freeze(options)
}

function check(option: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new InvalidOptionError(option, `${value} is not a whole number from ${least} to ${most}`)
  }
}
