/**
 * @packageDocumentation
 *
 * Who is alive, and who shares what: the members of a libp2p network, who watch each other over a few standing links, and
 * the peers of one share, who meet in a gossipsub topic of its own.
 *
 * @example
 *
 * ```ts
 * import { identify } from '@libp2p/identify'
 * import { noise } from '@libp2p/noise'
 * import { tcp } from '@libp2p/tcp'
 * import { yamux } from '@libp2p/yamux'
 * import { gossip } from '@p2pshare/gossip'
 * import { createLibp2p } from 'libp2p'
 *
 * const node = await createLibp2p({
 *   addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
 *   transports: [tcp()],
 *   connectionEncrypters: [noise()],
 *   streamMuxers: [yamux()],
 *   services: { identify: identify(), gossip: gossip() }
 * })
 *
 * node.services.gossip.addEventListener('member:join', ({ detail }) => console.log(detail.id, 'is here'))
 * await node.stop()
 * ```
 */
import type { AbortOptions } from '@libp2p/interface'
import type {
  AnnounceOptions,
  AnswerHandler,
  AskOptions,
  ExchangeOptions,
  MembershipView,
  PeerAnswer,
  PeerExchange,
  ShareAnnouncement,
  SharePeer
} from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'
import { GossipService } from './gossip.ts'
import type { MembershipComponents } from './members/membership.ts'
import type { OwnMetadata } from './members/own-metadata.ts'
import type { MachineStats } from './membership/types.ts'
import { resolveGossipOptions } from './options.ts'
import type { GossipInit } from './options.ts'
import type { ShareTopicsComponents } from './topics/share-topics.ts'

/** What membership has done since the node started, and how it is. */
export type GossipStats = MachineStats

/** Membership and peer exchange as a libp2p service. It is also a peer discovery: members' addresses are kept. */
export interface Gossip extends MembershipView, PeerExchange {
  /**
   * Say something else about this node; what is not named stays. Addresses are found and need not be said. Others hear
   * of it within a second. Throws `InvalidOptionError`.
   */
  setMetadata(metadata: OwnMetadata): void

  /** Counters since the last start. */
  stats(): GossipStats

  /**
   * Join the topic of `root`, say there that this node is here, and yield others as they say so: each once, and again
   * when it was gone and came back. Several calls for one root share the topic; the last one to end leaves it.
   *
   * The iteration ends when the loop is left, when the signal aborts (without an error: there is no other end) and when
   * the node stops. Throws `NotStartedError` outside `start()` and `stop()`, and `TooManySharesError`.
   *
   * @example
   *
   * ```ts
   * for await (const peer of node.services.gossip.exchange(root, { signal })) {
   *   console.log(peer.id, peer.multiaddrs)
   * }
   * ```
   */
  exchange(root: CID, options?: ExchangeOptions): AsyncIterable<SharePeer>

  /** Make a share known to the whole network, now. Throws `NotStartedError` and `InvalidOptionError`. */
  announce(root: CID, options?: AnnounceOptions): Promise<void>

  /** Announcements of others, those of the last hour first. Ends when the signal aborts or the node stops. */
  announcements(options?: AbortOptions): AsyncIterable<ShareAnnouncement>

  /** Ask everybody in the network; answers as they come, until the deadline. */
  ask(topic: string, payload: Uint8Array, options?: AskOptions): AsyncIterable<PeerAnswer>

  /** Answer what others ask under this name. Returns how to stop. May be called before `start()`. */
  answer(topic: string, handler: AnswerHandler): () => void
}

/** What `gossip()` needs from the node that hosts it: all of it is there in a libp2p node with identify. */
export type GossipComponents = ShareTopicsComponents & MembershipComponents

/** Throws `InvalidOptionError` for options that cannot work. See SPEC.md for the wire protocol. */
export function gossip(init: GossipInit = {}): (components: GossipComponents) => Gossip {
  const options = resolveGossipOptions(init)
  return (components) => new GossipService(components, options)
}

export { convergence } from './convergence.ts'
export type { Convergence, ConvergenceInit, Observation } from './convergence.ts'
export type { OwnMetadata } from './members/own-metadata.ts'
export type { ProfileName } from './membership/profile.ts'
export { gossipDefaults } from './options.ts'
export type { GossipInit } from './options.ts'
export { TooManyAsksError, TooManySharesError } from './topics/errors.ts'
export { NETWORK_TOPIC } from './topics/constants.ts'
export { shareTopic } from './topics/names.ts'
