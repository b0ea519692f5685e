import type { ComponentLogger, Libp2pEvents, PeerId, PeerStore, TypedEventTarget } from '@libp2p/interface'
import type { ConnectionManager, Registrar } from '@libp2p/interface-internal'

/** What `transfer()` needs from the node that hosts it. */
export interface TransferComponents {
  readonly peerId: PeerId
  readonly registrar: Registrar
  readonly connectionManager: ConnectionManager
  readonly peerStore: PeerStore
  readonly logger: ComponentLogger
  /** Where a transport with bulk channels is looked for. */
  readonly transportManager?: { getTransports(): readonly object[] }
  /** Where new connections are heard of, when no path view says which one is the best. */
  readonly events?: TypedEventTarget<Libp2pEvents>
}
