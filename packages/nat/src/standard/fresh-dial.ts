import type { AbortOptions, Connection } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'
import { CODE_P2P } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { MAX_JOINED_DIALS } from '../dial/constants.ts'
import { DialJoinedError } from './errors.ts'

/**
 * A new connection to `address`, whatever connections to the peer there are. With `force` alone a dial to the same peer that
 * is under way is joined, and may end with a connection elsewhere that belongs to others.
 *
 * @throws DialJoinedError when that happened each time
 */
export async function dialFresh(
  connectionManager: Pick<ConnectionManager, 'openConnection' | 'getConnections'>,
  address: Multiaddr,
  options: AbortOptions
): Promise<Connection> {
  for (let tries = 0; tries < MAX_JOINED_DIALS; tries++) {
    const before = new Set(connectionManager.getConnections().map(({ id }) => id))
    const connection = await connectionManager.openConnection(address, { ...options, force: true })
    if (!before.has(connection.id) && isAt(connection.remoteAddr, address)) {
      return connection
    }
  }
  throw new DialJoinedError(`no connection of its own to ${address.toString()}`)
}

function isAt(remote: Multiaddr, address: Multiaddr): boolean {
  return remote.decapsulateCode(CODE_P2P).equals(address.decapsulateCode(CODE_P2P))
}
