import type { ConnectionGater, Libp2pEvents, PeerId, PeerStore, TypedEventTarget } from '@libp2p/interface'
import type { ConnectionManager, Registrar, TransportManager } from '@libp2p/interface-internal'

/** What links need from the node that hosts them. */
export interface LinkComponents {
  peerId: PeerId
  connectionManager: Pick<ConnectionManager, 'getConnections' | 'openConnection'>
  connectionGater: Pick<ConnectionGater, 'denyDialMultiaddr'>
  transportManager: Pick<TransportManager, 'dial'>
  registrar: Pick<Registrar, 'handle' | 'unhandle' | 'register' | 'unregister'>
  peerStore: Pick<PeerStore, 'get' | 'merge'>
  events: TypedEventTarget<Libp2pEvents>
}
