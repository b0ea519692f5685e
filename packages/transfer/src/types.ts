import type { AbortOptions, PeerId } from '@libp2p/interface'
import type { MembershipView, PathKind, PathView, PeerExchange, Provider, ProviderRouting } from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'
import type { ProfileName } from './import/profile.ts'

/** What sibling packages contribute. Each is optional: with none, transfer works with the peers it is told about. */
export interface TransferCollaborators {
  routing?: ProviderRouting
  exchange?: PeerExchange
  membership?: MembershipView
  paths?: PathView
}

/** What an import says while it reads. */
export type ImportProgress =
  | { readonly type: 'import.progress'; readonly files: number; readonly bytes: number }
  /** Left out of the share: a socket, a device, or a hidden entry without `hidden: true`. */
  | { readonly type: 'import.skipped'; readonly path: string; readonly reason: 'hidden' | 'special' }

/** How a path becomes a share. */
export interface ImportOptions extends AbortOptions {
  /** IPIP-499 profile, which decides the root CID. @default 'unixfs-v1-2025' */
  profile?: ProfileName
  /** Include entries whose name starts with a dot, as `ipfs add -H` does. @default false */
  hidden?: boolean
  /** Called now and then while files are read; must not block. */
  onProgress?: (event: ImportProgress) => void
}

/** Content this node serves, whole or in part. */
export interface Share {
  readonly root: CID
  /** Suggested file or directory name. */
  readonly name: string
  /** Where the content lives on this machine. */
  readonly path: string
  readonly kind: 'file' | 'directory'
  readonly bytes: number
  readonly files: number
  readonly leaves: number
  /** Leaves this node can serve; equals `leaves` for a complete share. */
  readonly have: number
  /** Bytes sent to peers since this node started. */
  readonly bytesSent: number
}

/** What is fetched, where it goes, and when to give up. */
export interface GetOptions extends AbortOptions {
  /** Directory that the content is put in. @default process.cwd() */
  output?: string
  /** Name below `output`. @default the ticket's name, else the root CID */
  name?: string
  /** Glob patterns over paths in the share (`*`, `**`, `?`, `{a,b}`); only matching files are fetched. @default all */
  select?: readonly string[]
  /** Peers to ask first, for example those of a ticket. */
  providers?: readonly Provider[]
  /** Keep serving what was fetched after the iteration ends. @default true */
  seed?: boolean
  /** Give up when no provider was found after this many milliseconds. @default 30_000 */
  findTimeoutMs?: number
  /** Give up when no verified byte arrived for this many milliseconds. @default 120_000 */
  stallTimeoutMs?: number
}

/** What one peer contributed to a download. */
export interface SourceReport {
  readonly peer: PeerId
  /** Verified bytes that came from this peer. */
  readonly bytes: number
}

/** What a download says about itself. The last event is `done`; a failure is a thrown error. */
export type TransferEvent =
  | { readonly type: 'started'; readonly root: CID; readonly name: string }
  | {
      readonly type: 'map'
      readonly name: string
      readonly files: number
      readonly leaves: number
      /** Bytes wanted, after `select`. */
      readonly bytesTotal: number
      /** Of those, already here (resumed or equal to a file at the target). */
      readonly bytesHave: number
    }
  | { readonly type: 'peer'; readonly peer: PeerId; readonly state: 'joined'; readonly path: PathKind }
  | { readonly type: 'peer'; readonly peer: PeerId; readonly state: 'left'; readonly reason: string }
  /** The peer sent wrong bytes too often and is not asked again. */
  | { readonly type: 'peer'; readonly peer: PeerId; readonly state: 'dropped'; readonly reason: string }
  | {
      readonly type: 'progress'
      readonly bytesDone: number
      readonly bytesTotal: number
      /** Leaf and node bytes received, wasted ones included. */
      readonly bytesReceived: number
      readonly rateBps: number
      readonly peers: number
      readonly path: PathKind
      /** Seconds to go at the present rate; absent while it is zero. */
      readonly etaS?: number
    }
  /** No verified byte for a while; says why as far as it is known. */
  | { readonly type: 'stalled'; readonly sinceMs: number; readonly reason: 'no-peers' | 'no-source' | 'slow' }
  | { readonly type: 'warning'; readonly message: string }
  | {
      readonly type: 'done'
      readonly root: CID
      readonly bytes: number
      readonly bytesReceived: number
      readonly seconds: number
      readonly output: string
      readonly sources: readonly SourceReport[]
    }

/** Share, fetch and keep serving content. See SPEC.md for the wire protocol. */
export interface Transfer {
  /** Hand it what sibling services offer; before `start()`. */
  use(collaborators: TransferCollaborators): void
  /** The root CID of a file or directory, without sharing it. */
  id(path: string, options?: ImportOptions): Promise<CID>
  /** Import in place and serve. Resolves when peers that know this node can fetch it. */
  share(path: string, options?: ImportOptions): Promise<Share>
  /** Announce a share through the routing collaborator; resolves when others can find it. */
  announce(root: CID, options?: AbortOptions): Promise<void>
  /** Fetch into a file or directory. Leaving the loop early cancels; what was verified stays for the next try. */
  get(root: CID, options?: GetOptions): AsyncGenerator<TransferEvent, void, undefined>
  /** Everything this node serves, partial downloads included. */
  shares(): readonly Share[]
  /** Stop serving; the user's file stays where it is. */
  unshare(root: CID): Promise<void>
}
