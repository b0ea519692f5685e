import { SSDP_GROUP, SSDP_PORT, GATEWAY_PORT } from './constants.ts'
import { findGateways } from './gateways.ts'
import type { GatewayLink } from './gateways.ts'
import { NatPmpClient } from './nat-pmp-client.ts'
import type { PortMapGateway } from './options.ts'
import { PcpClient } from './pcp-client.ts'
import { GatewayRace } from './race.ts'
import { UpnpClient } from './upnp/upnp-client.ts'

/** A gateway, and the protocols to ask it by. */
export interface MapLink {
  /** The same text for the same gateway seen from the same address. */
  readonly key: string
  readonly gateway: string
  readonly internalIp: string
  readonly withLoopback: boolean
  readonly race: GatewayRace
}

/** Time and chance, for those who need them. */
export interface LinkSources {
  readonly now: () => number
  readonly random: () => number
  readonly probeTimeoutMs: number
}

/** The gateways to ask: the one given by hand, or those of the system. */
export async function findLinks(
  given: PortMapGateway | undefined,
  sources: LinkSources,
  signal: AbortSignal
): Promise<MapLink[]> {
  if (given !== undefined) {
    return [toLink({ gateway: given.host, internalIp: given.internalIp, isCertain: true }, given, sources)]
  }
  return (await findGateways(signal)).map((link) => toLink(link, undefined, sources))
}

function toLink(
  { gateway, internalIp, isCertain }: GatewayLink,
  given: PortMapGateway | undefined,
  { now, random, probeTimeoutMs }: LinkSources
): MapLink {
  const server = { host: gateway, port: given?.port ?? GATEWAY_PORT }
  const ssdp = { host: gateway, port: given?.ssdpPort ?? SSDP_PORT }
  const search = {
    internalIp,
    targets: given?.ssdpPort === undefined ? [{ host: SSDP_GROUP, port: SSDP_PORT }, ssdp] : [ssdp],
    // another device may offer to map ports too, and lead nowhere
    ...(isCertain ? { from: gateway } : {})
  }
  const clients = [
    new PcpClient(server, internalIp),
    new NatPmpClient(server, internalIp),
    new UpnpClient(search, random)
  ]
  return {
    key: `${gateway} ${internalIp}`,
    gateway,
    internalIp,
    withLoopback: internalIp.startsWith('127.'),
    race: new GatewayRace(clients, now, probeTimeoutMs)
  }
}
