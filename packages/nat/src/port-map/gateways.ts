import { readFile } from 'node:fs/promises'
import { isIPv4 } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { NetworkInterfaceInfo } from 'node:os'
import { isPrivateIp } from '@libp2p/utils'
import { MAX_GATEWAYS } from './constants.ts'
import { ipv4FromBytes, ipv4ToBytes } from './wire/ip.ts'

/** Who to ask for mappings to one address of this node. */
export interface GatewayLink {
  readonly gateway: string
  /** The address of this node in the gateway's network. */
  readonly internalIp: string
  /** The system has its default route there; `false`: it is where most routers are. */
  readonly isCertain: boolean
}

/** One IPv4 address of this node, and the length of its network's prefix. */
export interface InternalAddress {
  readonly address: string
  readonly prefix: number
}

const ROUTE_TABLE = '/proc/net/route'

/** The gateways of this machine: from the route table on Linux, elsewhere by guess. */
export async function findGateways(signal: AbortSignal): Promise<readonly GatewayLink[]> {
  const internal = internalAddresses(Object.values(networkInterfaces()).flatMap((infos) => infos ?? []))
  try {
    return linksTo(parseRoutes(await readFile(ROUTE_TABLE, { encoding: 'utf8', signal })), internal)
  } catch {
    signal.throwIfAborted()
    return guessLinks(internal)
  }
}

/** The private IPv4 addresses that reach further than this machine. Pure. */
export function internalAddresses(infos: readonly NetworkInterfaceInfo[]): InternalAddress[] {
  return infos.flatMap(({ address, internal, family, cidr }) => {
    const prefix = Number(cidr?.split('/')[1])
    return family === 'IPv4' && !internal && isPrivateIp(address) === true && Number.isInteger(prefix)
      ? [{ address, prefix }]
      : []
  })
}

/** The gateways of the default routes in Linux's `/proc/net/route`, by metric. Other lines are left out. Pure. */
export function parseRoutes(table: string): string[] {
  const routes = table.split('\n').flatMap((line) => {
    const [, destination, gateway, flags, , , metric, mask] = line.trim().split(/\s+/)
    const isDefault = destination === '00000000' && mask === '00000000'
    // RTF_UP and RTF_GATEWAY; the addresses are in the byte order of the machine, which is little-endian where Node runs
    if (!isDefault || gateway === undefined || (Number.parseInt(flags ?? '', 16) & 3) !== 3) {
      return []
    }
    const bytes = Buffer.from(gateway, 'hex').reverse()
    return bytes.byteLength === 4 ? [{ gateway: ipv4FromBytes(bytes), metric: Number(metric) }] : []
  })
  return routes.sort((a, b) => a.metric - b.metric).map(({ gateway }) => gateway)
}

/** Each gateway with the address this node has in its network; those with none are left out. Pure. */
export function linksTo(gateways: readonly string[], internal: readonly InternalAddress[]): GatewayLink[] {
  const links = gateways.flatMap((gateway) => {
    const own = internal.find(({ address, prefix }) => network(address, prefix) === network(gateway, prefix))
    return own === undefined ? [] : [{ gateway, internalIp: own.address, isCertain: true }]
  })
  return links.slice(0, MAX_GATEWAYS)
}

/** The first address of each network: where home routers are. Pure. */
export function guessLinks(internal: readonly InternalAddress[]): GatewayLink[] {
  return internal
    .map(({ address, prefix }) => ({
      gateway: toIp(network(address, prefix) + 1),
      internalIp: address,
      isCertain: false
    }))
    .filter(({ gateway, internalIp }) => gateway !== internalIp)
    .slice(0, MAX_GATEWAYS)
}

function network(ip: string, prefix: number): number {
  const size = 2 ** (32 - prefix)
  return isIPv4(ip) ? Math.floor(toNumber(ip) / size) * size : Number.NaN
}

function toNumber(ip: string): number {
  const bytes = ipv4ToBytes(ip)
  return new DataView(bytes.buffer).getUint32(0)
}

function toIp(value: number): string {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value)
  return ipv4FromBytes(bytes)
}
