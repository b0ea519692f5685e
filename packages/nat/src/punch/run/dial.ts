import type { Connection, PeerId } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { DatagramAddress } from '@p2pshare/interface'
import { anySignal } from 'any-signal'

/** What dials take. */
export interface DialContext {
  readonly peer: PeerId
  readonly connectionManager: Pick<ConnectionManager, 'openConnection'>
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** Dial addresses of the peer beside the connection that there is. */
export async function dial(
  addresses: readonly Multiaddr[],
  { connectionManager, timeoutMs, signal }: DialContext
): Promise<Connection> {
  const either = anySignal([signal, AbortSignal.timeout(timeoutMs)])
  try {
    return await connectionManager.openConnection([...addresses], { signal: either, force: true })
  } finally {
    either.clear()
  }
}

/** `/ip4/…/tcp/…/p2p/…` */
export function tcpAddress({ host, port }: DatagramAddress, peer: PeerId): Multiaddr {
  return multiaddr(`/${host.includes(':') ? 'ip6' : 'ip4'}/${host}/tcp/${port}/p2p/${peer.toString()}`)
}

/** A relayed address of the peer with WebRTC over it; nothing if it is none. */
export function webrtcAddress(relayed: Multiaddr, peer: PeerId): Multiaddr | undefined {
  const components = relayed.getComponents()
  const circuit = components.findIndex(({ name }) => name === 'p2p-circuit')
  if (circuit === -1) {
    return undefined
  }
  const relay = components
    .slice(0, circuit)
    .map(({ name, value }) => (value === undefined ? `/${name}` : `/${name}/${value}`))
    .join('')
  return multiaddr(`${relay}/p2p-circuit/webrtc/p2p/${peer.toString()}`)
}
