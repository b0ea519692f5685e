import type { ProviderRouting } from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'
import type { PeerId } from '@libp2p/interface'
import type { Bans } from '../bans/bans.ts'
import { Blocks } from '../block/blocks.ts'
import type { BlocksComponents } from '../block/blocks.ts'
import type { Limiter } from '../rate/limiter.ts'
import { countSent } from './entry.ts'
import type { Shares } from './shares.ts'

export interface ShareBlocksInit {
  readonly shutdown: AbortSignal
  readonly shares: Shares
  readonly limiter: Limiter
  readonly bans: Bans
  routing(): ProviderRouting | undefined
}

/** Single blocks of what this node shares, under its caps and bans, and of what others do. */
export function shareBlocks(components: BlocksComponents, init: ShareBlocksInit): Blocks {
  const { shutdown, shares, limiter, bans } = init
  const count = (root: CID, bytes: number, peer: PeerId): void => {
    const entry = shares.get(root)
    if (entry !== undefined && bytes > 0) {
      countSent(entry, bytes, peer)
    }
  }
  return new Blocks(components, {
    shutdown,
    local: async (cid, root) => shares.block(cid, root),
    localNow: (cid, root, peer) => {
      const path = { peer: peer.toString(), share: root.toString() }
      const block = limiter.up.isLimited(path) ? undefined : shares.blockNow(cid, root)
      count(root, block?.byteLength ?? 0, peer)
      return block
    },
    known: (root) => shares.get(root)?.swarm.members ?? [],
    routing: () => init.routing(),
    isBanned: (peer) => bans.isBanned(peer),
    blame: (peer) => {
      bans.blame(peer, 'wrong-bytes')
    },
    paced: async (peer, root, bytes, signal) => {
      await limiter.send({ peer: peer.toString(), share: root.toString() }, bytes, { signal })
      count(root, bytes, peer)
    },
    // a link is for any share: caps of single shares are not over it
    intake: (peer) => limiter.intake({ peer: peer.toString(), share: '' })
  })
}
