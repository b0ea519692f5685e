import type { PeerId } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import type { Offence } from '../bans/ban.ts'
import type { Limiter } from '../rate/limiter.ts'
import type { LeafWorkers } from '../worker/leaf-workers.ts'
import type { ReadPool } from './read-pool.ts'
import type { ReceiveBuffers } from './receive-buffers.ts'
import type { SwarmEvents } from './swarm-events.ts'

/** What a share has of the node that it is part of. */
export interface SwarmInit {
  readonly root: CID
  readonly self: PeerId
  /** An inner node this node has. */
  node(cid: CID): Promise<Uint8Array | undefined>
  readonly events: SwarmEvents
  /** Receive buffers of this node. */
  readonly buffers: ReceiveBuffers
  /** What hashes and writes at this node. */
  readonly workers: Pick<LeafWorkers, 'digest' | 'verifyAndWrite'>
  /** Read buffers of this node. */
  readonly pool: ReadPool
  /** Caps of this node. */
  readonly limiter: Limiter
  /** A peer did what it must not. */
  blame(peer: PeerId, offence: Offence): void
}
