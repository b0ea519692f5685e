import type { AbortOptions, Libp2p, PeerId } from '@libp2p/interface'
import type { Ping } from '@libp2p/ping'
import type { Dht, DhtCollaborators } from '@p2pshare/dht'
import type { Gossip } from '@p2pshare/gossip'
import type { MembershipView, Path, PathView, PeerExchange, Provider, ProviderRouting } from '@p2pshare/interface'
import type { Nat } from '@p2pshare/nat'
import type {
  Ban,
  BanOptions,
  BlockOptions,
  Choice,
  GetOptions,
  ImportOptions,
  LimitsInForce,
  RateLimits,
  ReadOptions,
  Share,
  ShareOptions,
  Transfer,
  TransferEvent
} from '@p2pshare/transfer'
import type { CID } from 'multiformats/cid'
import type { Bootstrap } from './bootstrap.ts'
import type { DialGateView } from './dial-gate/dial-gate.ts'

/** What a node can be made of. `transfer` is a must; without the others it works with the peers it is told about. */
export interface LightServices {
  transfer: Transfer
  dht?: ProviderRouting & { use?(collaborators: DhtCollaborators): void }
  gossip?: MembershipView & PeerExchange
  nat?: PathView & Partial<Pick<Nat, 'reachability'>>
  dialGate?: DialGateView
  [name: string]: unknown
}

/** The services of `createNode()`, under these names in `node.libp2p.services`. */
export interface NodeServices {
  dht: Dht
  gossip: Gossip
  nat: Nat
  transfer: Transfer
  /** The DHT asks it whether contacts are alive. */
  ping: Ping
  bootstrap: Bootstrap
  /** Absent with `dialGate: false`. */
  dialGate?: DialGateView
  [name: string]: unknown
}

/** A share, and how to hand it on. */
export interface ShareResult extends Share {
  /** Text form that carries root, name, size and addresses, and the key of a private share; give it to the receiver. */
  readonly ticket: string
  /** The same as a `p2pshare:` link. */
  readonly link: string
}

/** Options of `share()`. */
export interface ShareNodeOptions extends ShareOptions {
  /** Wait until the DHT can find the share before resolving, when there is anybody to tell. @default true */
  announce?: boolean
}

/** A peer this node is connected to or has heard of. */
export interface PeerInfoView {
  readonly id: PeerId
  readonly path: Path
  readonly state: 'alive' | 'suspect' | 'dead' | 'left' | 'unknown'
}

/** Something the person in front of the screen should know, though the node works. */
export interface Notice {
  /** `home-in-use`: another process has identity and datastore. `datastore-reset`: what it remembered is lost. */
  readonly code: 'home-in-use' | 'datastore-reset'
  readonly message: string
}

/** A P2PShare node: the four services composed, with an identity and a place for its state. */
export interface P2PShareNode<Services extends LightServices = NodeServices> {
  readonly peerId: PeerId
  readonly libp2p: Libp2p
  readonly services: Services
  /** What was not as usual when the node started. */
  readonly notices: readonly Notice[]
  /** Addresses others can dial, with the peer id. */
  addresses(): string[]
  /** Import in place, serve, announce; resolves when others can fetch it. */
  share(path: string, options?: ShareNodeOptions): Promise<ShareResult>
  /** Fetch by root CID, ticket or `p2pshare:` link. The last event is `done`. */
  get(source: string | CID, options?: GetOptions): AsyncGenerator<TransferEvent, void, undefined>
  /** Change what a `get` that runs fetches, and what of it first: see `Transfer.choose`. */
  choose(source: string | CID, choice: Choice, options?: AbortOptions): Promise<void>
  /**
   * The verified bytes of a file or a part of it, in order, while the rest is still fetched: see `Transfer.read`. Nothing is
   * kept of what is read alone.
   */
  read(source: string | CID, options?: ReadOptions): AsyncGenerator<Uint8Array, void, undefined>
  /** The verified bytes of one block, straight to memory: a small file by CID, ticket or link, or any block of a share. */
  block(source: string | CID, options?: BlockOptions): Promise<Uint8Array>
  /** The root CID of a path, without sharing it. */
  id(path: string, options?: ImportOptions): Promise<CID>
  /** Who serves a root, as they are found. */
  find(root: string | CID, options?: AbortOptions): AsyncIterable<Provider>
  /** Everything this node serves, partial downloads included. */
  shares(): readonly Share[]
  /** Stop serving; the user's files stay where they are. */
  unshare(root: string | CID, options?: AbortOptions): Promise<void>
  /** Peers this node is connected to or has heard of, with the path to each. */
  peers(): readonly PeerInfoView[]
  /** Cap what all transfers together send and receive, from now on. What is not named stays; `Infinity` ends a cap. */
  setLimits(limits: RateLimits): void
  /** Cap one share with all its peers, under the caps of the node, shared already or not. */
  limitShare(root: string | CID, limits: RateLimits): void
  /** Cap one peer over all shares, under the other caps, connected or not. */
  limitPeer(peer: string | PeerId, limits: RateLimits): void
  /** The caps that are set. */
  limits(): LimitsInForce
  /** Peers that this node does not ask, serve or dial for content: for what they sent, or since you said so. */
  bans(): readonly Ban[]
  /** Ban a peer over all shares, from now on and over restarts where there is a `home`. */
  ban(peer: string | PeerId, options?: BanOptions): Promise<Ban>
  /** End a ban, and forget what the peer did. Whether there was one. */
  unban(peer: string | PeerId, options?: AbortOptions): Promise<boolean>
  /** Stop serving, close every connection, file and timer. Again, or while it runs: the same promise. */
  stop(): Promise<void>
}
