import { tryGetNetConfig } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import { isCircuit, isLocal } from '../paths/choose-path.ts'

/** What an address leads over; the order they are dialled in is that of `ADDRESS_ORDER`. */
export type AddressGroup = 'lan' | 'ip6' | 'ip4-tcp' | 'udx' | 'other' | 'relay'

/** Best first. */
export const ADDRESS_ORDER: readonly AddressGroup[] = Object.freeze(['lan', 'ip6', 'ip4-tcp', 'udx', 'other', 'relay'])

/** The transports that may be in a black hole, as they are named in addresses; the last one in an address counts. */
const TRANSPORTS = [
  'webrtc-direct',
  'webrtc',
  'webtransport',
  'quic-v1',
  'quic',
  'utp',
  'wss',
  'ws',
  'tcp',
  'udp'
] as const

/** Pure. */
export function groupOf(address: Multiaddr): AddressGroup {
  if (isCircuit(address)) {
    return 'relay'
  }
  if (isLocal(address)) {
    return 'lan'
  }
  const transport = transportOf(address)
  const family = familyOf(address)
  if (family === '6') {
    return 'ip6'
  }
  if (transport === 'tcp') {
    return 'ip4-tcp'
  }
  return transport === 'utp' ? 'udx' : 'other'
}

/**
 * The transport and IP version of a public address, as `tcp4` or `utp6`: what a firewall or a broken route may swallow
 * whole. `undefined`: none of them (a relay, an address on this network, a name). Pure.
 */
export function transportClass(address: Multiaddr): string | undefined {
  const group = groupOf(address)
  const family = familyOf(address)
  const transport = transportOf(address)
  return group === 'relay' || group === 'lan' || family === undefined || transport === undefined
    ? undefined
    : `${transport}${family}`
}

function transportOf(address: Multiaddr): string | undefined {
  const names = new Set(address.getComponents().map(({ name }) => name))
  return TRANSPORTS.find((name) => names.has(name))
}

function familyOf(address: Multiaddr): '4' | '6' | undefined {
  const type = tryGetNetConfig(address)?.type
  return type === 'ip4' || type === 'dns4' ? '4' : type === 'ip6' || type === 'dns6' ? '6' : undefined
}
