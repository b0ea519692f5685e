import type { AbortOptions, Libp2p, PeerId } from '@libp2p/interface'
import type { Dht } from '@p2pshare/dht'
import type { Gossip } from '@p2pshare/gossip'
import type { Path, Provider } from '@p2pshare/interface'
import type { Nat } from '@p2pshare/nat'
import type { GetOptions, ImportOptions, Share, Transfer, TransferEvent } from '@p2pshare/transfer'
import type { CID } from 'multiformats/cid'

/** The services every node has, under these names in `node.libp2p.services`. */
export interface NodeServices {
  dht: Dht
  gossip: Gossip
  nat: Nat
  transfer: Transfer
  [name: string]: unknown
}

export interface ShareResult extends Share {
  /** Text form that carries root, name, size and addresses; give it to the receiver. */
  readonly ticket: string
  /** The same as a `p2pshare:` link. */
  readonly link: string
}

export interface ShareNodeOptions extends ImportOptions {
  /** Wait until the DHT can find the share before resolving, when there is anybody to tell. @default true */
  announce?: boolean
}

export interface PeerInfoView {
  readonly id: PeerId
  readonly path: Path
  readonly state: 'alive' | 'suspect' | 'dead' | 'left' | 'unknown'
}

/** A P2PShare node: the four services composed, with an identity and a place for its state. */
export interface P2PShareNode {
  readonly peerId: PeerId
  readonly libp2p: Libp2p
  readonly services: NodeServices
  /** Addresses others can dial, with the peer id. */
  addresses(): string[]
  /** Import in place, serve, announce; resolves when others can fetch it. */
  share(path: string, options?: ShareNodeOptions): Promise<ShareResult>
  /** Fetch by root CID, ticket or `p2pshare:` link. The last event is `done`. */
  get(source: string | CID, options?: GetOptions): AsyncGenerator<TransferEvent, void, undefined>
  /** The root CID of a path, without sharing it. */
  id(path: string, options?: ImportOptions): Promise<CID>
  /** Who serves a root, as they are found. */
  find(root: string | CID, options?: AbortOptions): AsyncIterable<Provider>
  shares(): readonly Share[]
  unshare(root: string | CID): Promise<void>
  peers(): readonly PeerInfoView[]
  stop(): Promise<void>
}
