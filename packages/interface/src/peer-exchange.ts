import type { AbortOptions } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import type { Provider } from './routing.ts'

/**
 * Peers of one share telling each other about themselves. Implemented by `@p2pshare/gossip` over a gossipsub topic.
 */
export interface PeerExchange {
  /**
   * Join the share's topic, announce this node there, and yield other peers as they announce themselves. Runs until
   * the signal aborts or the loop is left; either leaves the topic.
   */
  exchange(root: CID, options?: AbortOptions): AsyncIterable<Provider>
}
