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
import type { AbortOptions, Connection } from '@libp2p/interface'
import type { KadDHTComponents } from '@libp2p/kad-dht'
import type { Provider, ProviderRouting } from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'
import { DhtService } from './dht.ts'
import type { Names } from './names/types.ts'
import { resolveDhtOptions } from './options.ts'
import type { DhtInit } from './options.ts'
import type {
  Announcement,
  DhtCollaborators,
  DhtStatus,
  FindProvidersOptions,
  TableEntry,
  TraceEvent,
  TraceOptions
} from './types.ts'

/** A Kademlia DHT as a libp2p service. It also serves `libp2p.contentRouting` and `libp2p.peerRouting`. */
export interface Dht extends ProviderRouting {
  /** Names that stand for one root today and another tomorrow, in the own network. */
  readonly names: Names

  /** The protocol id this node speaks, and so the network it is in. */
  readonly protocol: string

  /** Tell it who is alive. Again: what is named takes the place of what was. */
  use(collaborators: DhtCollaborators): void

  /** Peers in the routing tables of all networks it is in. */
  tableSize(): number

  /** Who those peers are. */
  table(): readonly TableEntry[]

  /**
   * Whether somebody is in the routing table of the own network, or is within `waitMs` milliseconds: a node that has just
   * started has nobody to ask yet. Rejects with the signal's reason.
   */
  joined(waitMs: number, options?: AbortOptions): Promise<boolean>

  /** Every root `provide()` was called for and `cancelProvide()` was not, in each network, and how far it is. */
  announcements(): readonly Announcement[]

  /** Sizes, queues, records held for others, and what lookups have cost and met. */
  status(): DhtStatus

  /**
   * Watch one lookup: every hop, question, answer, timeout and alarm as it happens; the last event is `end` and says why.
   * Leaving the loop ends the lookup. Throws the signal's reason when aborted, and `NotStartedError`.
   *
   * @example
   *
   * ```ts
   * for await (const event of node.services.dht.trace(root)) {
   *   console.log(event.atMs, event.name)
   * }
   * ```
   */
  trace(root: CID, options?: TraceOptions): AsyncIterable<TraceEvent>

  /**
   * Announce this node as a provider of `root`, and keep it announced: again as fast as holders come and go, when they
   * die, when our addresses change, and after a restart.
   *
   * Resolves when five peers, or all there are, have confirmed the record; it goes on to 20. When there is no peer to tell, or this node has no address to be found under,
   * it resolves at once (while connected to somebody who may yet turn out to be one, after 5 s) and the announcement
   * waits for that (see `announcements()`). Rejects with `DeadlineError`
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
   * Providers as they are found, each peer at most once, never this node itself, at most 256; of those that are known
   * the alive and near ones first, dead ones only when there is nobody else (see `use()`). A record without addresses
   * comes with those of the peer store. The iteration ends when the 20 nearest peers have answered, never because enough
   * were named, or after `findTimeoutMs`; it throws the signal's reason when aborted.
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

  /**
   * Connect to the first provider that answers: they are dialled as they are found, the best first, the next 250 ms after
   * the last or when one has failed; one host at most three times a minute. `undefined` when nobody answers.
   */
  connect(root: CID, options?: FindProvidersOptions): Promise<Connection | undefined>
}

/** What `dht()` needs from the node that hosts it: all of it is there in a libp2p node with identify and ping. */
export type DhtComponents = KadDHTComponents

/** Throws `InvalidOptionError` for options that cannot work. See SPEC.md for the wire protocol. */
export function dht(init: DhtInit = {}): (components: DhtComponents) => Dht {
  const options = resolveDhtOptions(init)
  return (components) => new DhtService(components, options)
}

export { AMINO_PROTOCOL, LAN_PROTOCOL, PROTOCOL } from './constants.ts'
export { TooManyRootsError } from './errors.ts'
export { InvalidNameError, InvalidNameRecordError, NameNotFoundError, NameNotPublishedError } from './names/errors.ts'
export { parseName } from './names/name.ts'
export type { Names, PublishOptions, ResolveOptions, ResolvedName } from './names/types.ts'
export { dhtDefaults } from './options.ts'
export type { DhtInit } from './options.ts'
export type {
  Announcement,
  AnnouncementState,
  DhtCollaborators,
  DhtStatus,
  FindProvidersOptions,
  LookupCounts,
  LookupEnd,
  NetworkName,
  NetworkStatus,
  RequestFailure,
  TableEntry,
  TraceEvent,
  TraceOptions
} from './types.ts'
