import { StrictSign, gossipsub } from '@libp2p/gossipsub'
import type { GossipSub, GossipSubComponents } from '@libp2p/gossipsub'
import type { Startable } from '@libp2p/interface'
import { FRAME_LIMITS, MAX_FRAME_BYTES, MAX_SEND_BUFFER_BYTES, MESH } from './constants.ts'

/** gossipsub as this package uses it. */
export type Pubsub = GossipSub & Startable

/** What differs between nodes. */
export interface PubsubInit {
  readonly ipColocationWeight: number
  /** Added to what gossipsub itself thinks of a peer; zero or negative. */
  readonly scoreOf: (peer: string) => number
}

/** gossipsub with signatures, scores and limits on. */
export function createPubsub(components: GossipSubComponents, { ipColocationWeight, scoreOf }: PubsubInit): Pubsub {
  return gossipsub({
    globalSignaturePolicy: StrictSign,
    // a message comes from each neighbour once: only the first is verified. Only what was verified is remembered, so
    // whoever repeats its signature under other bytes is ignored as well
    fastMsgIdFn: ({ signature }) => (signature === undefined ? '' : Buffer.from(signature).toString('latin1')),
    // floodsub has no scores
    fallbackToFloodsub: false,
    // our own messages go to every listener we are connected to, not only along the mesh: newcomers are met at once
    floodPublish: true,
    ...MESH,
    emitSelf: false,
    allowPublishToZeroTopicPeers: true,
    // peers from a stranger's PRUNE would be dialled unchecked
    doPX: false,
    // members behind a relay are members; messages are small beside what a relay allows
    runOnLimitedConnection: true,
    decodeRpcLimits: FRAME_LIMITS,
    maxInboundDataLength: MAX_FRAME_BYTES,
    maxOutboundBufferSize: MAX_SEND_BUFFER_BYTES,
    scoreParams: { IPColocationFactorWeight: ipColocationWeight, appSpecificScore: scoreOf, appSpecificWeight: 1 },
    debugName: 'p2pshare:gossip:pubsub'
  })(components) as Pubsub
}

/** Stop it, with the timer of its heartbeat: gossipsub forgets that one while it runs, and it keeps a process alive. */
export async function stopPubsub(pubsub: Pubsub): Promise<void> {
  const { status } = pubsub as unknown as { readonly status: { readonly heartbeatTimeout?: NodeJS.Timeout } }
  await pubsub.stop()
  clearTimeout(status.heartbeatTimeout)
}
