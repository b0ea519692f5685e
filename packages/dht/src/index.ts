/**
 * @packageDocumentation
 *
 * Find peers that serve a root CID, and be found, over a Kademlia DHT on js-libp2p.
 *
 * @example
 *
 * ```ts
 * import { noise } from '@libp2p/noise'
 * import { yamux } from '@libp2p/yamux'
 * import { identify } from '@libp2p/identify'
 * import { ping } from '@libp2p/ping'
 * import { tcp } from '@libp2p/tcp'
 * import { dht } from '@p2pshare/dht'
 * import { createLibp2p } from 'libp2p'
 *
 * const node = await createLibp2p({
 *   addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
 *   transports: [tcp()],
 *   connectionEncrypters: [noise()],
 *   streamMuxers: [yamux()],
 *   services: { identify: identify(), ping: ping(), dht: dht() }
 * })
 *
 * console.log(node.services.dht.protocol) // /p2pshare/kad/1.0.0
 * await node.stop()
 * ```
 */
import type { AbortOptions } from '@libp2p/interface'
import type { KadDHTComponents } from '@libp2p/kad-dht'
import type { MembershipView, Provider, ProviderRouting } from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'
import type { Announcement } from './announcer.ts'
import { DhtService } from './dht.ts'
import { resolveDhtOptions } from './options.ts'
import type { DhtInit } from './options.ts'

/** Options of one search. */
export interface FindProvidersOptions extends AbortOptions {
  /** Search at most this long, in milliseconds. The default is `DhtInit.findTimeoutMs`. */
  timeoutMs?: number
}

/** What sibling packages contribute. Each is optional. */
export interface DhtCollaborators {
  /** Providers it holds dead are not handed out while there are others; those it holds alive and near come first. */
  membership?: Pick<MembershipView, 'member'>
}

/** A Kademlia DHT as a libp2p service. It also serves `libp2p.contentRouting` and `libp2p.peerRouting`. */
export interface Dht extends ProviderRouting {
  /** The protocol id this node speaks, and so the network it is in. */
  readonly protocol: string

  /** Tell it who is alive. Again: what is named takes the place of what was. */
  use(collaborators: DhtCollaborators): void

  /** Peers in the routing table. */
  tableSize(): number

  /** Every root `provide()` was called for and `cancelProvide()` was not, and how far it is. */
  announcements(): readonly Announcement[]

  /**
   * Announce this node as a provider of `root`, and keep it announced: again every `announceIntervalMs`, when peers
   * join and when our addresses change.
   *
   * Resolves when peers hold the record. When there is no peer to tell, or this node has no address to be found under,
   * it resolves at once and the announcement waits for that (see `announcements()`). Rejects with `DeadlineError`
   * after `provideTimeoutMs` (the root stays wanted), with the signal's reason when aborted (the root is wanted only
   * if it was before), with `NotStartedError` outside `start()` and `stop()`, and with `TooManyRootsError`.
   *
   * @example
   *
   * ```ts
   * await node.services.dht.provide(root, { signal: AbortSignal.timeout(5_000) })
   * ```
   */
  provide(root: CID, options?: AbortOptions): Promise<void>

  /**
   * Providers as they are found, each peer at most once, never this node itself, at most 256; of those in one answer
   * the alive and near ones first, dead ones only when there is nobody else (see `use()`). A record without addresses
   * comes with those of the peer store. The iteration ends when the nearest peers have answered or after
   * `findTimeoutMs`; it throws the signal's reason when aborted.
   *
   * @example
   *
   * ```ts
   * for await (const provider of node.services.dht.findProviders(root)) {
   *   console.log(provider.id, provider.multiaddrs)
   *   break // cancels the search
   * }
   * ```
   */
  findProviders(root: CID, options?: FindProvidersOptions): AsyncIterable<Provider>
}

/** What `dht()` needs from the node that hosts it: all of it is there in a libp2p node with identify and ping. */
export type DhtComponents = KadDHTComponents

/** Throws `InvalidOptionError` for options that cannot work. See SPEC.md for the wire protocol. */
export function dht(init: DhtInit = {}): (components: DhtComponents) => Dht {
  const options = resolveDhtOptions(init)
  return (components) => new DhtService(components, options)
}

export { PROTOCOL } from './constants.ts'
export { TooManyRootsError } from './errors.ts'
export { dhtDefaults } from './options.ts'
export type { DhtInit } from './options.ts'
export type { Announcement } from './announcer.ts'
