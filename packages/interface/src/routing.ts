import type { AbortOptions, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { CID } from 'multiformats/cid'

/** A peer that says it serves a root, with the addresses it was found under (may be empty: ask the peer store). */
export interface Provider {
  readonly id: PeerId
  readonly multiaddrs: readonly Multiaddr[]
}

/**
 * Finds and announces who serves a root. Implemented by `@p2pshare/dht`; anything that passes
 * `providerRoutingCompliance` from `@p2pshare/testkit` can stand in.
 */
export interface ProviderRouting {
  /**
   * Announce this node as a provider of `root`. Resolves when other nodes can find it; rejects with the signal's
   * reason when aborted. Announcing twice is harmless.
   */
  provide(root: CID, options?: AbortOptions): Promise<void>

  /** Stop re-announcing `root`. Records already out expire by themselves. */
  cancelProvide(root: CID, options?: AbortOptions): Promise<void>

  /**
   * Providers as they are found, each peer at most once, never this node itself. Ends when the search is exhausted;
   * leaving the loop early cancels it. Finding nobody is an empty iteration, not an error.
   */
  findProviders(root: CID, options?: AbortOptions): AsyncIterable<Provider>
}
