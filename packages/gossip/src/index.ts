/**
 * @packageDocumentation
 *
 * Who is there, and who shares what: members of a libp2p network by their connections and a gossipsub topic, and peers
 * of one share by a topic of its own.
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
import type { GossipSubComponents } from '@libp2p/gossipsub'
import type { AbortOptions, Libp2pEvents, TypedEventTarget } from '@libp2p/interface'
import type { AddressManager } from '@libp2p/interface-internal'
import type { MembershipView, PeerExchange, Provider } from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'
import { GossipService } from './gossip.ts'
import { resolveGossipOptions } from './options.ts'
import type { GossipInit } from './options.ts'

/** Membership and peer exchange as a libp2p service. It is also a peer discovery: members' addresses are kept. */
export interface Gossip extends MembershipView, PeerExchange {
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
  exchange(root: CID, options?: AbortOptions): AsyncIterable<Provider>
}

/** What `gossip()` needs from the node that hosts it: all of it is there in a libp2p node with identify. */
export interface GossipComponents extends GossipSubComponents {
  addressManager: Pick<AddressManager, 'getAddresses'>
  events: TypedEventTarget<Libp2pEvents>
}

/** Throws `InvalidOptionError` for options that cannot work. See SPEC.md for the wire protocol. */
export function gossip(init: GossipInit = {}): (components: GossipComponents) => Gossip {
  const options = resolveGossipOptions(init)
  return (components) => new GossipService(components, options)
}

export { MEMBERS_TOPIC } from './constants.ts'
export { TooManySharesError } from './errors.ts'
export { gossipDefaults } from './options.ts'
export type { GossipInit } from './options.ts'
export { shareTopic } from './topics.ts'
