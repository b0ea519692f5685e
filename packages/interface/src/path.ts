import type { Connection, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** How bytes reach a peer now. `none`: not connected. */
export type PathKind = 'direct' | 'relay' | 'none'

/** The way to one peer, as it is now. */
export interface Path {
  readonly kind: PathKind
  readonly address?: Multiaddr
  /** Last measured round trip in milliseconds, if one was measured. */
  readonly rttMs?: number
  /** Bytes of streams over relays with this peer so far, both directions; absent when nobody counted, or none passed. */
  readonly relayedBytes?: number
}

/** How this node reaches others and is reached itself. Implemented by `@p2pshare/nat`. */
export interface PathView {
  path(peer: PeerId): Path

  /**
   * The connection that new bytes to `peer` should take, open at this moment; `undefined`: not connected. It may be a
   * relayed one. Absent: whoever asks chooses among the connections that there are.
   */
  best?(peer: PeerId): Connection | undefined

  /**
   * Ask to be told when `best(peer)` became another connection, or none. It is told after the change, once for each, never
   * from within this call; on the way from one connection to a better one both are open when it is told (make before
   * break), and the old one stays open while streams other than keepalive are on it. Listeners must not block; one that
   * throws is logged. Returns the function that takes the listener off.
   */
  onChange?(listener: (peer: PeerId) => void): () => void
}
