import { StrictSign, gossipsub } from '@libp2p/gossipsub'
import type { GossipSub, GossipSubComponents } from '@libp2p/gossipsub'
import type { TopicScoreParams } from '@libp2p/gossipsub/score'
import type { Startable } from '@libp2p/interface'
import {
  FRAME_LIMITS,
  IDONTWANT_BYTES,
  MAX_FRAME_BYTES,
  MAX_GOSSIP_STREAMS,
  MAX_SEND_BUFFER_BYTES,
  MESH,
  NETWORK_TOPIC
} from './constants.ts'
import type { Pacer } from './paced-registrar.ts'
import { pacedRegistrar } from './paced-registrar.ts'
import { scoreParams, topicScoreParams } from './score.ts'

/** gossipsub as this package uses it. */
export type Pubsub = GossipSub & Startable

/** What differs between nodes. */
export interface PubsubInit {
  readonly ipColocationWeight: number
  /** Added to what gossipsub itself thinks of a peer; zero or negative. */
  readonly scoreOf: (peer: string) => number
  readonly pacer: Pacer
}

/** gossipsub with signatures, scores and limits on. */
export function createPubsub(
  components: GossipSubComponents,
  { ipColocationWeight, scoreOf, pacer }: PubsubInit
): Pubsub {
  const { privateKey, peerId, peerStore, connectionManager, logger } = components
  const registrar = pacedRegistrar(components.registrar, pacer)
  return gossipsub({
    globalSignaturePolicy: StrictSign,
    // a message comes from each neighbour once: only the first is verified. Only what was verified is remembered, so
    // whoever repeats its signature under other bytes is ignored as well
    fastMsgIdFn: ({ signature }) => (signature === undefined ? '' : Buffer.from(signature).toString('latin1')),
    // floodsub has no scores
    fallbackToFloodsub: false,
    // our own messages go to every listener we are connected to, not only along the mesh: newcomers are met at once
    floodPublish: true,
    // encoded once for all of them
    batchPublish: true,
    ...MESH,
    emitSelf: false,
    allowPublishToZeroTopicPeers: true,
    // peers from a stranger's PRUNE would be dialled unchecked
    doPX: false,
    // members behind a relay are members; messages are small beside what a relay allows
    runOnLimitedConnection: true,
    maxInboundStreams: MAX_GOSSIP_STREAMS,
    decodeRpcLimits: FRAME_LIMITS,
    maxInboundDataLength: MAX_FRAME_BYTES,
    maxOutboundBufferSize: MAX_SEND_BUFFER_BYTES,
    idontwantMinDataSize: IDONTWANT_BYTES,
    scoreParams: scoreParams(ipColocationWeight, scoreOf, [NETWORK_TOPIC]),
    debugName: 'p2pshare:gossip:pubsub'
  })({ privateKey, peerId, peerStore, connectionManager, logger, registrar }) as Pubsub
}

/** Score neighbours in a topic that did not exist when gossipsub was made; it reads its parameters anew each time. */
export function scoreTopic(pubsub: Pubsub, topic: string): void {
  paramsOf(pubsub)[topic] = topicScoreParams()
}

/** Faults in it are forgotten, as they are when a neighbour is. */
export function unscoreTopic(pubsub: Pubsub, topic: string): void {
  // an own record of strings: a Map would need gossipsub to know it
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
  delete paramsOf(pubsub)[topic]
}

/** Stop it, with the timer of its heartbeat: gossipsub forgets that one while it runs, and it keeps a process alive. */
export async function stopPubsub(pubsub: Pubsub): Promise<void> {
  const { status } = pubsub as unknown as { readonly status: { readonly heartbeatTimeout?: NodeJS.Timeout } }
  await pubsub.stop()
  clearTimeout(status.heartbeatTimeout)
}

/** gossipsub takes topics' parameters only in its constructor, where those of shares are not known. */
function paramsOf(pubsub: Pubsub): Record<string, TopicScoreParams> {
  const { opts } = pubsub as unknown as {
    readonly opts: { readonly scoreParams: { readonly topics: Record<string, TopicScoreParams> } }
  }
  return opts.scoreParams.topics
}
