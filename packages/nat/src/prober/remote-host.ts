import type { Connection } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { canonicalIp } from '../stun/ip.ts'

/** The IP address, port and transport at the other end of a multiaddr. */
export interface RemoteEnd {
  readonly host: string
  readonly port: number
  readonly transport: 'tcp' | 'udp'
}

/** The end of an address by IP, without a relay; `undefined` for any other. Pure. */
export function toRemoteEnd(address: Multiaddr): RemoteEnd | undefined {
  const [ip, transport, ...rest] = address.getComponents()
  if (ip?.value === undefined || (ip.name !== 'ip4' && ip.name !== 'ip6')) {
    return undefined
  }
  if (transport?.value === undefined || (transport.name !== 'tcp' && transport.name !== 'udp')) {
    return undefined
  }
  if (rest.some(({ name }) => name === 'p2p-circuit')) {
    return undefined
  }
  return { host: canonicalIp(ip.value), port: Number(transport.value), transport: transport.name }
}

/** Where a connection's other end is, when nothing is between. Pure. */
export function remoteEndOf({ remoteAddr, limits }: Pick<Connection, 'remoteAddr' | 'limits'>): RemoteEnd | undefined {
  return limits === undefined ? toRemoteEnd(remoteAddr) : undefined
}
