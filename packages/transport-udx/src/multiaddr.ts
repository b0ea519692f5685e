import { SocketAddress, isIP } from 'node:net'
import { CODE_IP4, CODE_IP6, CODE_P2P, CODE_UDP, multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { and, code, fmt, optional, or, value } from '@multiformats/multiaddr-matcher/utils'
import type { DatagramAddress } from '@p2pshare/interface'
import { NotAUdxAddressError } from './errors.ts'

/** A code that every multiaddr library knows and no transport claims: SPEC.md#addresses says why. */
export const CODE_UTP = 302

/** `/ip4|ip6/<address>/udp/<port>/utp`, with or without a peer id. `exactMatch` takes nothing beside it. */
export const UDX = fmt(
  and(or(value(CODE_IP4), value(CODE_IP6)), value(CODE_UDP), code(CODE_UTP), optional(value(CODE_P2P)))
)

/** Whether this transport can dial, or listen at, the address. */
export function isUdxAddress(address: Multiaddr): boolean {
  return UDX.exactMatch(address)
}

/** Where an address points. Throws `NotAUdxAddressError`. */
export function toTarget(address: Multiaddr): DatagramAddress & { readonly family: 4 | 6 } {
  const [ip, udp] = address.getComponents()
  if (!isUdxAddress(address) || ip?.value === undefined || udp?.value === undefined) {
    throw new NotAUdxAddressError(address)
  }
  return { ...canonical({ host: ip.value, port: Number(udp.value) }), family: ip.code === CODE_IP6 ? 6 : 4 }
}

/** An address as the system writes it, so that two of them can be compared as text. Throws `NotAUdxAddressError`. */
export function canonical({ host, port }: DatagramAddress): DatagramAddress {
  const version = isIP(host)
  if (version === 0 || host.includes('%')) {
    throw new NotAUdxAddressError(host)
  }
  return { host: new SocketAddress({ address: host, family: version === 6 ? 'ipv6' : 'ipv4' }).address, port }
}

/** The multiaddr of a UDX socket. */
export function toMultiaddr({ host, port }: DatagramAddress): Multiaddr {
  return multiaddr(`/${host.includes(':') ? 'ip6' : 'ip4'}/${host}/udp/${port}/utp`)
}

/** Two canonical addresses are one. */
export function isSame(a: DatagramAddress, b: DatagramAddress): boolean {
  return a.port === b.port && a.host === b.host
}

/** Whether an address is the machine itself. */
export function isLoopback(host: string): boolean {
  return host.startsWith('127.') || host === '::1'
}

/** Whether a bound address stands for every interface. */
export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}
