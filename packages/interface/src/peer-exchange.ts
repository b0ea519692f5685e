import type { AbortOptions } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import type { Provider } from './routing.ts'

/** How much of a share a peer has. Small enough to be told to everybody: a count, and a coarse map. */
export interface HaveSummary {
  /** Leaves of the whole share; 0: not known yet. */
  readonly leaves: number
  /** Leaves that can be served. */
  readonly held: number
  /**
   * One bit for each of equally long parts of the share, lowest bit of each byte first: all of the part is held. At most
   * 64 bytes; absent when all or nothing is held.
   */
  readonly map?: Uint8Array
}

/** A peer of a share, with what it says about itself. */
export interface SharePeer extends Provider {
  /** Absent: it does not say. It may lie; what it sends is checked, what it has is not. */
  readonly have?: HaveSummary
}

/** Options of one exchange. */
export interface ExchangeOptions extends AbortOptions {
  /** What this node has of the share now; asked whenever it speaks there, and now and then whether it is complete. */
  readonly have?: () => HaveSummary | undefined
}

/**
 * Peers of one share telling each other about themselves. Implemented by `@p2pshare/gossip` over a gossipsub topic.
 */
export interface PeerExchange {
  /**
   * Join the share's topic, announce this node there, and yield other peers as they announce themselves, and again when
   * what they have changed. Runs until the signal aborts or the loop is left; either leaves the topic.
   */
  exchange(root: CID, options?: ExchangeOptions): AsyncIterable<SharePeer>
}
