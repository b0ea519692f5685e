import type { Connection, PeerId } from '@libp2p/interface'
import type { AddressType } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'
import { isCircuit, isUdp } from './dial-back/target.ts'

/** What the choice looks at. */
export type VerifierConnection = Pick<Connection, 'remoteAddr' | 'limits' | 'status'> & { readonly remotePeer: PeerId }

/** The address that is to be verified. */
export interface Unproven {
  readonly multiaddr: Multiaddr
  readonly type: AddressType
}

/**
 * The connections over which to ask for an address, one for each peer. About an address of UDP no peer is asked whose host
 * this node has sent datagrams to (`isContact`): a NAT lets such a host in, and nobody else. One that a gateway maps is let
 * in for all by the mapping; there only peers that are connected over UDP now are left out. Pure.
 */
export function verifiersFor<C extends VerifierConnection>(
  { multiaddr: address, type }: Unproven,
  connections: readonly C[],
  isContact: (address: Multiaddr) => boolean
): C[] {
  const open = connections.filter(({ status }) => status === 'open')
  const overUdp = new Set(
    open.flatMap(({ remoteAddr, remotePeer }) => (isUdp(remoteAddr) ? [remotePeer.toString()] : []))
  )
  const chosen = new Map<string, C>()
  for (const connection of open) {
    const peer = connection.remotePeer.toString()
    const isDirect = connection.limits === undefined && !isCircuit(connection.remoteAddr)
    const isLetIn = overUdp.has(peer) || (type !== 'ip-mapping' && isContact(connection.remoteAddr))
    if (isDirect && !chosen.has(peer) && !(isUdp(address) && isLetIn)) {
      chosen.set(peer, connection)
    }
  }
  return [...chosen.values()]
}
