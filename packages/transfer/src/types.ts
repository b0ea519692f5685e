import type { AbortOptions, PeerId, TypedEventTarget } from '@libp2p/interface'
import type { MembershipView, PathKind, PathView, PeerExchange, Provider, ProviderRouting } from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'
import type { Ban, BanOptions } from './bans/ban.ts'
import type { Choice } from './fetch/choice.ts'
import type { ProfileName } from './import/profile.ts'
import type { ShareSecret } from './private/secret.ts'
import type { Stall } from './stall/stall.ts'
import type { ReadRange } from './read/plan.ts'
import type { DamagedFile } from './store/verify-content.ts'
import type { SourceReport, Traffic } from './traffic.ts'

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
  /**
   * Threads that hash beside the main one, 0 to 64, for this import alone; `0` hashes on the main thread. They start
   * when it is worth it, after 8 MiB. @default those of the node (`TransferInit.workers`); `importId` starts its own
   */
  workers?: number
  /** Called now and then while files are read; must not block. */
  onProgress?: (event: ImportProgress) => void
}

/** How a path is shared. */
export interface ShareOptions extends ImportOptions {
  /**
   * Seal names and content under a new key, so that only who has the link can read them; `profile` means nothing then.
   * Sizes of files, their number, and who fetches what can still be seen. A node with a `directory` keeps the key there, for this user alone.
   *
   * @default false
   */
  private?: boolean
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
  /** The peers they went to, 256 at most; the one that was sent something last is last. */
  readonly receivers: readonly ReceiverReport[]
  /** Names and content are sealed for whoever has no link. */
  readonly isPrivate?: true
  /** What opens a private share, from `share()` alone: receivers need it, and nobody else must have it. */
  readonly secret?: ShareSecret
}

/** What one peer was sent of a share. */
export interface ReceiverReport {
  readonly peer: PeerId
  readonly bytes: number
}

/** What is fetched, where it goes, and when to give up. */
export interface GetOptions extends AbortOptions, Choice {
  /** Directory that the content is put in. @default process.cwd() */
  output?: string
  /** Name below `output`. @default the ticket's name, else the root CID */
  name?: string
  /** Peers to ask first, for example those of a ticket. */
  providers?: readonly Provider[]
  /** Of a private share: what its link says. @default the share is not private */
  secret?: ShareSecret
  /** Keep serving what was fetched after the iteration ends. @default true */
  seed?: boolean
  /** Give up when no provider was found after this many milliseconds. @default 30_000 */
  findTimeoutMs?: number
  /** Say why (`stalled`) when nothing arrived for this many milliseconds. @default 10_000 */
  stallAfterMs?: number
  /** Give up when no verified byte arrived for this many milliseconds. @default 120_000 */
  stallTimeoutMs?: number
  /**
   * Give up, with what the disk says, when it has refused for this many milliseconds: full, unplugged, read-only. Until
   * then the download is paused and asks again, at least every 30 s. @default Infinity
   */
  diskTimeoutMs?: number
}

/** What is read of a share, and whom to ask for it. */
export interface ReadOptions
  extends AbortOptions, ReadRange, Pick<GetOptions, 'providers' | 'secret' | 'findTimeoutMs' | 'stallTimeoutMs'> {}

/** Whom to ask for a block, and for how long. */
export interface BlockOptions extends AbortOptions {
  /** Peers to ask first; one that is connected needs no addresses. @default those of a share, then whoever is found */
  providers?: readonly Provider[]
  /** The share whose DAG has the block. @default the block is itself the root of a share */
  root?: CID
  /** Give up after this many milliseconds. @default 30_000 */
  timeoutMs?: number
}

/** What a download says about itself. The last event is `done`, or `failed` before the error is thrown. */
export type TransferEvent =
  | { readonly type: 'started'; readonly root: CID; readonly name: string }
  | {
      readonly type: 'map'
      readonly name: string
      readonly files: number
      readonly leaves: number
      /** Bytes wanted, after `select` and `priorities`. The event comes again when that was changed by `choose`. */
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
      /** What became of them so far. */
      readonly traffic: Traffic
      readonly rateBps: number
      readonly peers: number
      readonly path: PathKind
      /** Seconds to go at the present rate; absent while it is zero. */
      readonly etaS?: number
    }
  /** Nothing came for `stallAfterMs`; said again when the cause or what is tried changes, and now and then. */
  | (Stall & { readonly type: 'stalled'; readonly sinceMs: number })
  /** Bytes come again. `done` and `failed` end a stall too. */
  | { readonly type: 'flowing'; readonly stalledMs: number }
  | { readonly type: 'warning'; readonly message: string }
  /** The disk refuses: nothing is fetched until it does not. Nothing that was verified is lost. */
  | {
      readonly type: 'paused'
      /** The system's code: `ENOSPC`, `EIO`, `EROFS` ... */
      readonly errno: string
      readonly path: string
      /** When the disk is asked again; it doubles, up to 30 s. */
      readonly retryInMs: number
    }
  /** The disk takes part again. */
  | { readonly type: 'resumed'; readonly pausedMs: number }
  | {
      readonly type: 'done'
      readonly root: CID
      readonly bytes: number
      readonly bytesReceived: number
      readonly seconds: number
      readonly output: string
      readonly traffic: Traffic
      readonly sources: readonly SourceReport[]
    }
  /** The same, of a download that did not come to its end; `error` is thrown next. */
  | {
      readonly type: 'failed'
      readonly root: CID
      readonly error: unknown
      readonly seconds: number
      readonly traffic: Traffic
      readonly sources: readonly SourceReport[]
    }

/** How a share is compared with its hashes. */
export interface VerifyOptions extends AbortOptions {
  /** Called after each leaf with the bytes read so far; must not block. */
  onProgress?: (bytesDone: number) => void
}

/** What became of the content of a share. */
export interface VerifyReport {
  /** Bytes that are right. */
  readonly bytes: number
  /** Files that are not what was shared: edited, moved, cut off, removed, rotten. */
  readonly damaged: readonly DamagedFile[]
}

/** How slowly everything that is shared is read. */
export interface ScrubOptions extends AbortOptions {
  /** Most bytes a second. @default 8 MiB */
  bytesPerSecond?: number
  /** Called after each leaf; must not block. */
  onProgress?: (report: ScrubReport) => void
}

/** What a pass has come to. */
export interface ScrubReport {
  /** Shares that were looked at, to the end or to what ended that; not those that were closed meanwhile. */
  readonly shares: number
  readonly bytes: number
  /** Of those: what is not as it was shared. */
  readonly damaged: number
  /** Of those: what could not be read, since the disk refused or the share could not be opened. Nothing is said of it. */
  readonly unreadable: number
}

/** Changes of what this node serves, as they happen. Downloads say theirs to the one who iterates over them. */
export interface ShareEvents {
  /** The disk refuses: nobody is served until it does not. It is asked again, and this said again. */
  'share:paused': CustomEvent<{
    readonly root: CID
    /** The system's code: `EIO`, `EMFILE`, `ENODEV` for a disk that is not there ... */
    readonly errno: string
    readonly path: string
    readonly retryInMs: number
  }>
  /** The disk takes part again. */
  'share:resumed': CustomEvent<{ readonly root: CID; readonly pausedMs: number }>
  /**
   * It cannot be opened, for a reason that does not pass by itself: its key is missing or others can read it
   * (`ShareKeyError`), what was kept of it is damaged. It is tried again when somebody asks for it.
   */
  'share:unreadable': CustomEvent<{
    readonly root: CID
    /** Where the content is. */
    readonly path: string
    readonly error: Error
  }>
  /** Files are not what was shared: edited, moved, cut off, removed, rotten. It is not served any more. */
  'share:changed': CustomEvent<{
    readonly root: CID
    /** Where the content is. */
    readonly path: string
    readonly damaged: readonly DamagedFile[]
  }>
  /** A peer is banned from now on: for what it did, by the user, or by another process of the same directory. */
  'peer:banned': CustomEvent<Ban>
  /** A ban was ended before its time was up. */
  'peer:unbanned': CustomEvent<{ readonly peer: PeerId }>
  /** Everything that is shared is read and compared with its hashes, because it was time. */
  'scrub:started': CustomEvent<{
    /** It goes on where an earlier run was interrupted. */
    readonly resumed: boolean
  }>
  /**
   * It came to its end. What is damaged was said by `share:changed`, what could not be read by `share:paused` or
   * `share:unreadable`.
   */
  'scrub:done': CustomEvent<ScrubReport>
}

/**
 * Caps on what peers send each other of content: frames of leaves and inner nodes with their headers, not messages. In
 * any second no more than the cap and one burst pass: 50 ms at the cap, 64 KiB at least.
 */
export interface RateLimits {
  /** Whole bytes a second, 1,024 or more; `Infinity` for no cap. Absent where a cap is set: stays as it is. */
  uploadBytesPerSecond?: number
  /** The same for what arrives. */
  downloadBytesPerSecond?: number
}

/** Every cap that is set; one that is not set is absent. */
export interface LimitsInForce {
  readonly node: Readonly<RateLimits>
  readonly shares: ReadonlyArray<Readonly<RateLimits> & { readonly root: CID }>
  readonly peers: ReadonlyArray<Readonly<RateLimits> & { readonly peer: PeerId }>
}

/** Share, fetch and keep serving content. See SPEC.md for the wire protocol. */
export interface Transfer extends TypedEventTarget<ShareEvents> {
  /** Hand it what sibling services offer; before `start()`. */
  use(collaborators: TransferCollaborators): void
  /** The root CID of a file or directory, without sharing it. */
  id(path: string, options?: ImportOptions): Promise<CID>
  /**
   * Import in place and serve. Resolves when peers that know this node can fetch it.
   *
   * @throws NotShareableError for what has no place in a share; SourceChangedError for a file that changes while it is read;
   *   DiskError, NotStartedError; the signal's reason
   */
  share(path: string, options?: ShareOptions): Promise<Share>
  /** Announce a share through the routing collaborator; resolves when others can find it. */
  announce(root: CID, options?: AbortOptions): Promise<void>
  /**
   * Fetch into a file or directory. Leaving the loop early cancels; what was verified stays for the next try.
   *
   * @throws ContentNotFoundError, ProvidersUnreachableError, TransferStalledError, VerificationFailedError;
   *   UnsupportedDagError, UnsafePathError for content that cannot become files here; TargetExistsError; StoreBusyError,
   *   AlreadyFetchingError; DiskError, NotEnoughSpaceError; NothingSelectedError, InvalidOptionError, NotStartedError; the
   *   signal's reason
   */
  get(root: CID, options?: GetOptions): AsyncGenerator<TransferEvent, void, undefined>
  /**
   * Change what a `get` that runs fetches, and what of it first: what is named in the choice, in place of what was named
   * before. Resolves when it holds; before the map is known at once, and it is looked at with the map. Once that is known it
   * waits until leaves can be fetched, and while the disk refuses for the disk: who awaits it in the loop over the events of
   * the `get` after a `paused` waits until the signal, after which the choice still holds as soon as it can. A file that is not
   * chosen any more is not deleted: if it was fetched whole it stays.
   *
   * @throws NotFetchingError when nothing of this root is being fetched, or it has all it wanted; NothingSelectedError,
   *   InvalidOptionError, NotEnoughSpaceError for a choice that cannot be: nothing is changed then; the signal's reason
   */
  choose(root: CID, choice: Choice, options?: AbortOptions): Promise<void>
  /**
   * The bytes of a file, or a part of it, in order, each leaf hashed before it is handed out. It begins with the first leaf
   * that is needed, while others are still fetched; 32 MiB ahead of the reader are fetched and no more, however slow it is.
   * Leaving the loop ends it. To seek is to read from elsewhere: what the former read needed is not urgent any more.
   *
   * From a share that is here it reads the files. While a `get` of the root runs it reads what that fetches, and has what it
   * needs next come first; a file that was not selected is, from then on. Otherwise it fetches what is read and no more, to
   * the disk: below the directory of this node, or that of the system for temporary files where it has none. There it takes
   * as much room as was read, and is served to others, until half a minute after the last reader.
   *
   * A private share is read with its key by all who read or fetch it at the same time, or by all without.
   *
   * @throws PathNotFoundError, PathIsDirectoryError, OffsetBeyondEndError, InvalidOptionError; SealedLeafError,
   *   AlreadyFetchingError while it is read or fetched with another key, or with one where there is none; ContentNotFoundError,
   *   ProvidersUnreachableError, VerificationFailedError, TransferStalledError; SourceChangedError for files that are not
   *   what was shared; DiskError, NotEnoughSpaceError; the signal's reason
   */
  read(root: CID, options?: ReadOptions): AsyncGenerator<Uint8Array, void, undefined>
  /**
   * The verified bytes of one block, at most 2 MiB, straight to memory: a small file, or any block of a share. From a
   * peer that was asked a moment ago it takes one round trip.
   *
   * @throws ContentNotFoundError, ProvidersUnreachableError, VerificationFailedError, TransferStalledError,
   *   UnsupportedDagError for a CID of another codec or hash; the signal's reason.
   */
  block(cid: CID, options?: BlockOptions): Promise<Uint8Array>
  /** Everything this node serves, partial downloads included. */
  shares(): readonly Share[]
  /**
   * Read and hash all of a share. When files are damaged it is served no more, which `share:changed` says too; files that
   * only look different, touched or put back, are taken as they are.
   *
   * @throws NotStartedError for a root that is not shared here; DiskError for what cannot be read; the signal's reason.
   */
  verify(root: CID, options?: VerifyOptions): Promise<VerifyReport>
  /**
   * Read and hash everything that is shared, slowly, in an order that chance decides; goes on where the last call was
   * interrupted, in another process too. What is damaged is served no more (`share:changed`); what cannot be read is
   * counted and stays.
   */
  scrub(options?: ScrubOptions): Promise<ScrubReport>
  /** Stop serving; the user's file stays where it is. The signal ends the wait alone. */
  unshare(root: CID, options?: AbortOptions): Promise<void>
  /**
   * Cap all shares and peers together, from now on; what is being transferred goes on under the new cap.
   *
   * @throws InvalidOptionError for a cap that cannot work; nothing is changed then
   */
  setLimits(limits: RateLimits): void
  /** Cap one share with all its peers, under the caps of the node; kept while this node runs, shared or not. */
  limitShare(root: CID, limits: RateLimits): void
  /** Cap one peer over all shares, under the other caps; kept while this node runs, connected or not. */
  limitPeer(peer: PeerId, limits: RateLimits): void
  /** The caps that were set. */
  limits(): LimitsInForce
  /** Peers that this node does not ask, serve or dial for content, the oldest ban first. */
  bans(): readonly Ban[]
  /**
   * Ban a peer over all shares, from now on and over restarts where there is a directory; its sessions end.
   *
   * @throws InvalidOptionError for a duration that makes no sense, or when there are too many bans; DiskError,
   *   StoreBusyError when it cannot be kept: then it ends with this node; the signal's reason, which ends the wait alone
   */
  ban(peer: PeerId, options?: BanOptions): Promise<Ban>
  /** End a ban, and forget what the peer did. Whether there was one. The signal ends the wait alone. */
  unban(peer: PeerId, options?: AbortOptions): Promise<boolean>
}
