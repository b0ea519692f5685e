import type { AbortOptions, PeerId, PrivateKey } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'

/** What a name stands for now. */
export interface ResolvedName {
  /** `k51…` */
  readonly name: string
  readonly root: CID
  /** What is meant below the root: begins with `/`, or is empty. */
  readonly path: string
  /** Grows by one with each new root. */
  readonly sequence: bigint
  /** Until when others believe it, in milliseconds since the Unix epoch. It is renewed while its publisher runs. */
  readonly validUntil: number
}

/** Options of `publish()`. */
export interface PublishOptions extends AbortOptions {
  /** How long others believe it, at most 48 hours. @default 172_800_000 */
  lifetimeMs?: number
  /** How long others may answer from memory. @default 300_000 */
  ttlMs?: number
}

/** Options of `resolve()`. */
export interface ResolveOptions extends AbortOptions {
  /** Ask the network also when the answer is in memory and still counts. @default false */
  fresh?: boolean
}

/** Names that stand for one root today and another tomorrow, each said by the owner of a key (IPNS records). */
export interface Names {
  /**
   * Sign what the name of an Ed25519 key stands for, and put it at the nodes near the name. It is told again every few
   * hours while this service runs.
   *
   * @throws NameNotPublishedError when too few took it; it is tried again all the same
   */
  publish(key: PrivateKey, root: CID, options?: PublishOptions): Promise<ResolvedName>

  /**
   * What a name stands for. A record that is older than one this node has seen before is never believed.
   *
   * @throws InvalidNameError
   * @throws NameNotFoundError when nobody has a valid record
   */
  resolve(name: string | PeerId, options?: ResolveOptions): Promise<ResolvedName>

  /** The names this node tells of. */
  published(): ResolvedName[]
}
