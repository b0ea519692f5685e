import { join } from 'node:path'
import { CODE_P2P, CODE_UNIX, multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { TCP, Unix } from '@multiformats/multiaddr-matcher'
import { ipPortToMultiaddr, tryGetNetConfig } from '@libp2p/utils'
import { NotATcpAddressError } from './errors.ts'

export type Family = 4 | 6

/** Where one TCP socket can be opened. */
export interface IpEndpoint {
  readonly kind: 'ip'
  readonly text: string
  readonly family: Family
  /** With the zone of a link-local address. */
  readonly host: string
  readonly port: number
  readonly multiaddr: Multiaddr
}

/** Where one socket can be opened. */
export type Endpoint = IpEndpoint | { readonly kind: 'unix'; readonly text: string; readonly path: string }

/** A name that stands for endpoints, and which families of them were asked for. */
export interface NamedHost {
  readonly kind: 'name'
  readonly text: string
  /** 0: both. */
  readonly family: Family | 0
  readonly host: string
  readonly port: number
}

/** Whether this transport can open, or listen at, the address: TCP or a Unix socket, with nothing above but a peer id. */
export function isTcpAddress(address: Multiaddr): boolean {
  return TCP.exactMatch(address) || Unix.exactMatch(address)
}

/** What an address names. Throws `NotATcpAddressError`. */
export function toTarget(address: Multiaddr): Endpoint | NamedHost {
  const path = address.getComponents().find(({ code }) => code === CODE_UNIX)?.value
  if (path !== undefined) {
    return { kind: 'unix', text: path, path: process.platform === 'win32' ? join('\\\\.\\pipe\\', path) : path }
  }
  const config = tryGetNetConfig(address)
  if (config?.port === undefined || config.protocol !== 'tcp') {
    throw new NotATcpAddressError(address)
  }
  const { host, port, type } = config
  switch (type) {
    case 'ip4':
      return ipEndpoint(host, 4, port)
    case 'ip6':
      return ipEndpoint(config.zone === undefined ? host : `${host}%${config.zone}`, 6, port)
    case 'dns':
    case 'dns4':
    case 'dns6':
      return {
        kind: 'name',
        text: `${host}:${port}`,
        family: type === 'dns4' ? 4 : type === 'dns6' ? 6 : 0,
        host,
        port
      }
    default:
      throw new NotATcpAddressError(address)
  }
}

/** `host` as Node writes it, with the zone of a link-local address. */
export function ipEndpoint(host: string, family: Family, port: number): IpEndpoint {
  const text = family === 4 ? `${host}:${port}` : `[${host}]:${port}`
  return { kind: 'ip', text, family, host, port, multiaddr: toMultiaddr(host, port) }
}

/** The multiaddr of an IP address as Node writes it, with the zone of a link-local one. */
export function toMultiaddr(ip: string, port: number): Multiaddr {
  const [host = ip, zone] = ip.split('%')
  const address = ipPortToMultiaddr(host, port)
  return zone === undefined ? address : multiaddr(`/ip6zone/${zone}${address.toString()}`)
}

/** The peer id an address ends in, as text. */
export function peerIdIn(address: Multiaddr): string | undefined {
  return address.getComponents().findLast(({ code }) => code === CODE_P2P)?.value
}
