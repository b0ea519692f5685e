import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** How bytes reach a peer now. `none`: not connected. */
export type PathKind = 'direct' | 'relay' | 'none'

/** The way to one peer, as it is now. */
export interface Path {
  readonly kind: PathKind
  readonly address?: Multiaddr
  /** Last measured round trip in milliseconds, if one was measured. */
  readonly rttMs?: number
}

/** How this node reaches others and is reached itself. Implemented by `@p2pshare/nat`. */
export interface PathView {
  path(peer: PeerId): Path
}
