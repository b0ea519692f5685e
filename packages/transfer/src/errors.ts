import type { PeerId } from '@libp2p/interface'
import { P2PShareError } from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'
import type { Ban } from './bans/ban.ts'
import type { StallCause } from './stall/stall.ts'

/** Bytes did not hash to the leaf that was asked for, and nobody else had the right ones. */
export class LeafMismatchError extends P2PShareError {
  static override readonly name = 'LeafMismatchError'
  override readonly name = 'LeafMismatchError'
  readonly code = 'ERR_LEAF_MISMATCH'
  readonly fault = 'remote'
  readonly peer: PeerId | undefined
  readonly index: number

  constructor(index: number, peer?: PeerId, options?: ErrorOptions) {
    super(`leaf ${index}${peer === undefined ? '' : ` from ${peer.toString()}`} did not match its hash`, options)
    this.index = index
    this.peer = peer
  }
}

/** The DAG under a root is not one that this version can turn into files. */
export class UnsupportedDagError extends P2PShareError {
  static override readonly name = 'UnsupportedDagError'
  override readonly name = 'UnsupportedDagError'
  readonly code = 'ERR_UNSUPPORTED_DAG'
  readonly fault = 'remote'
  readonly cid: CID | undefined

  constructor(message: string, cid?: CID, options?: ErrorOptions) {
    super(cid === undefined ? message : `${cid.toString()}: ${message}`, options)
    this.cid = cid
  }
}

/** Nobody that serves the root was found in time. */
export class ContentNotFoundError extends P2PShareError {
  static override readonly name = 'ContentNotFoundError'
  override readonly name = 'ContentNotFoundError'
  readonly code = 'ERR_CONTENT_NOT_FOUND'
  readonly fault = 'network'
  override readonly advice = 'ask the sender for a ticket (it carries addresses), or name a peer with --bootstrap'
  readonly root: CID

  constructor(root: CID, detail: string, options?: ErrorOptions) {
    super(`nobody serving ${root.toString()} was found: ${detail}`, options)
    this.root = root
  }
}

/** Providers are known but none of them could be reached. */
export class ProvidersUnreachableError extends P2PShareError {
  static override readonly name = 'ProvidersUnreachableError'
  override readonly name = 'ProvidersUnreachableError'
  readonly code = 'ERR_PROVIDERS_UNREACHABLE'
  readonly fault = 'network'
  override readonly advice = 'check that the sender is still running and that its address can be reached from here'
  readonly root: CID
  readonly tried: number

  constructor(root: CID, tried: number, options?: ErrorOptions) {
    super(`none of ${tried} ${tried === 1 ? 'provider' : 'providers'} of ${root.toString()} could be reached`, options)
    this.root = root
    this.tried = tried
  }
}

/** Peers are there but no verified byte came for too long. What was verified is kept. */
export class TransferStalledError extends P2PShareError {
  static override readonly name = 'TransferStalledError'
  override readonly name = 'TransferStalledError'
  readonly code = 'ERR_TRANSFER_STALLED'
  readonly fault = 'network'
  override readonly advice = 'run the same command again to go on where it stopped'
  readonly afterMs: number
  /** Why nothing came, where that is known. */
  readonly stall: StallCause | undefined

  constructor(afterMs: number, detail: string, options?: ErrorOptions & { readonly stall?: StallCause }) {
    super(`no verified byte for ${Math.round(afterMs / 1000)} s: ${detail}`, options)
    this.afterMs = afterMs
    this.stall = options?.stall
  }
}

/** Every source sent wrong bytes. */
export class VerificationFailedError extends P2PShareError {
  static override readonly name = 'VerificationFailedError'
  override readonly name = 'VerificationFailedError'
  readonly code = 'ERR_VERIFICATION_FAILED'
  readonly fault = 'remote'
  override readonly advice = 'the sender serves bytes that do not match the content id; ask for the file elsewhere'
}

/** Something else is already where the content should go. */
export class TargetExistsError extends P2PShareError {
  static override readonly name = 'TargetExistsError'
  override readonly name = 'TargetExistsError'
  readonly code = 'ERR_TARGET_EXISTS'
  readonly fault = 'user'
  override readonly advice = 'choose another directory with -o, or move the file that is there'
  readonly path: string

  constructor(path: string, options?: ErrorOptions) {
    super(`${path} exists and has different content`, options)
    this.path = path
  }
}

/** A name from a peer, a link or a user that must not become a path here. */
export class UnsafePathError extends P2PShareError {
  static override readonly name = 'UnsafePathError'
  override readonly name = 'UnsafePathError'
  readonly code = 'ERR_UNSAFE_PATH'
  readonly fault = 'remote'
  /** Escaped: safe to print. */
  readonly path: string

  constructor(path: string, why: string, options?: ErrorOptions) {
    const shown = JSON.stringify(path)
    super(`unsafe path ${shown}: ${why}`, options)
    this.path = shown
  }
}

/** The file system said no. `cause` has the system's own error. */
export class DiskError extends P2PShareError {
  static override readonly name = 'DiskError'
  override readonly name = 'DiskError'
  readonly code = 'ERR_DISK'
  readonly fault = 'local'
  /** The system's code: `ENOSPC`, `EACCES`, `EROFS` ... */
  readonly errno: string
  readonly path: string
  override readonly advice: string

  constructor(errno: string, path: string, options?: ErrorOptions) {
    super(`${errno} at ${path}`, options)
    this.errno = errno
    this.path = path
    this.advice =
      errno === 'ENOSPC' || errno === 'EDQUOT'
        ? 'free some space and run the same command again; what was verified is kept'
        : 'check the path and its permissions, then run the same command again'
  }
}

/** A download would not fit where it is to go. Nothing was written. */
export class NotEnoughSpaceError extends P2PShareError {
  static override readonly name = 'NotEnoughSpaceError'
  override readonly name = 'NotEnoughSpaceError'
  readonly code = 'ERR_NOT_ENOUGH_SPACE'
  readonly fault = 'user'
  override readonly advice = 'free some space, choose another directory with -o, or fetch some of it with --select'
  readonly path: string
  /** Bytes that are still to be written. */
  readonly need: number
  /** Bytes that this user may write there. */
  readonly have: number

  constructor(path: string, need: number, have: number, options?: ErrorOptions) {
    super(`${need} bytes are needed at ${path}, and ${have} are free`, options)
    this.path = path
    this.need = need
    this.have = have
  }
}

/** A shared file is not the one that was imported: edited, moved or removed. It is never served wrong. */
export class SourceChangedError extends P2PShareError {
  static override readonly name = 'SourceChangedError'
  override readonly name = 'SourceChangedError'
  readonly code = 'ERR_SOURCE_CHANGED'
  readonly fault = 'local'
  override readonly advice = 'share the changed file again: it has another content id'
  readonly path: string
  /** What happened to it, without its name. */
  readonly what: string

  constructor(path: string, what: string, options?: ErrorOptions) {
    super(`${path} ${what} since it was shared`, options)
    this.path = path
    this.what = what
  }
}

/** A link or ticket that cannot be read. */
export class InvalidTicketError extends P2PShareError {
  static override readonly name = 'InvalidTicketError'
  override readonly name = 'InvalidTicketError'
  readonly code = 'ERR_INVALID_TICKET'
  readonly fault = 'user'
  override readonly advice = 'copy the whole ticket again; it may have been cut or changed on the way'
}

/** Something under the path to share has no place in a UnixFS DAG, or is more than one share may hold. */
export class NotShareableError extends P2PShareError {
  static override readonly name = 'NotShareableError'
  override readonly name = 'NotShareableError'
  readonly code = 'ERR_NOT_SHAREABLE'
  readonly fault = 'user'
  override readonly advice = 'rename or move what the message names, then share again'
  readonly path: string

  constructor(path: string, why: string, options?: ErrorOptions) {
    super(`${path}: ${why}`, options)
    this.path = path
  }
}

/** An inner node that a leaf map needs is not in the store. */
export class NodeNotFoundError extends P2PShareError {
  static override readonly name = 'NodeNotFoundError'
  override readonly name = 'NodeNotFoundError'
  readonly code = 'ERR_NODE_NOT_FOUND'
  readonly fault = 'local'
  readonly cid: CID

  constructor(cid: CID, options?: ErrorOptions) {
    super(`node ${cid.toString()} is not here`, options)
    this.cid = cid
  }
}

/** Another process, or another store of this one, is downloading into the same place. */
export class StoreBusyError extends P2PShareError {
  static override readonly name = 'StoreBusyError'
  override readonly name = 'StoreBusyError'
  readonly code = 'ERR_STORE_BUSY'
  readonly fault = 'user'
  override readonly advice: string
  /** The lock file. */
  readonly path: string

  constructor(path: string, options?: ErrorOptions) {
    super('another process is downloading into the same place', options)
    this.path = path
    this.advice = `wait for it or stop it; if there is none, delete ${path}`
  }
}

/** The peer is banned here, so nothing is asked of it. */
export class PeerBannedError extends P2PShareError {
  static override readonly name = 'PeerBannedError'
  override readonly name = 'PeerBannedError'
  readonly code = 'ERR_PEER_BANNED'
  readonly fault = 'user'
  override readonly advice: string
  readonly ban: Ban

  constructor(ban: Ban, options?: ErrorOptions) {
    super(`${ban.peer.toString()} is banned: ${ban.reason}`, options)
    this.ban = ban
    this.advice = `end the ban with unban(), or: p2pshare bans remove ${ban.peer.toString()}`
  }
}

/** The key of a link does not open the share that the link names: its publisher made it so, or somebody else did. */
export class SealedLeafError extends P2PShareError {
  static override readonly name = 'SealedLeafError'
  override readonly name = 'SealedLeafError'
  readonly code = 'ERR_SEALED_LEAF'
  readonly fault = 'remote'
  override readonly advice = 'ask for the link again: no key opens this share'
  readonly root: CID

  constructor(root: CID, options?: ErrorOptions) {
    super(`the key does not open ${root.toString()}`, options)
    this.root = root
  }
}

/** What opens a private share that this node remembers cannot be used: the share is not served until it can. */
export class ShareKeyError extends P2PShareError {
  static override readonly name = 'ShareKeyError'
  override readonly name = 'ShareKeyError'
  readonly code = 'ERR_SHARE_KEY'
  readonly fault = 'local'
  override readonly advice: string
  /** The file that it is in. */
  readonly path: string

  constructor(path: string, what: 'missing' | 'damaged' | 'readable by others', options?: ErrorOptions) {
    super(`the key of a private share is ${what}: ${path}`, options)
    this.path = path
    this.advice =
      what === 'readable by others'
        ? 'make it yours alone (chmod 600), and think about who may have read it'
        : 'share it again, under a new key; unshare the old one'
  }
}

/** This node is fetching the same root already. */
export class AlreadyFetchingError extends P2PShareError {
  static override readonly name = 'AlreadyFetchingError'
  override readonly name = 'AlreadyFetchingError'
  readonly code = 'ERR_ALREADY_FETCHING'
  readonly fault = 'user'
  override readonly advice = 'wait until it is complete, then get it again: it will be copied from here'
  readonly root: CID

  constructor(root: CID, options?: ErrorOptions) {
    super(`${root.toString()} is being fetched already`, options)
    this.root = root
  }
}

/** No file of the share matches what was selected. */
export class NothingSelectedError extends P2PShareError {
  static override readonly name = 'NothingSelectedError'
  override readonly name = 'NothingSelectedError'
  readonly code = 'ERR_NOTHING_SELECTED'
  readonly fault = 'user'
  override readonly advice = 'check the patterns: `*` stays within a directory, `**` does not'
  readonly patterns: readonly string[]

  constructor(patterns: readonly string[], options?: ErrorOptions) {
    super(`no file of the share matches ${patterns.join(', ')}`, options)
    this.patterns = patterns
  }
}

/** Membership says that a peer left or is dead: its sessions end, and others are asked for what it was to send. */
export class PeerGoneError extends P2PShareError {
  static override readonly name = 'PeerGoneError'
  override readonly name = 'PeerGoneError'
  readonly code = 'ERR_PEER_GONE'
  readonly fault = 'remote'
  readonly peer: PeerId

  constructor(peer: PeerId, why: 'left' | 'dead', options?: ErrorOptions) {
    super(why === 'left' ? 'the peer left' : 'the peer is dead', options)
    this.peer = peer
  }
}

/** What is fetched was to be changed, and nothing of this root is being fetched: it is complete, or never was begun. */
export class NotFetchingError extends P2PShareError {
  static override readonly name = 'NotFetchingError'
  override readonly name = 'NotFetchingError'
  readonly code = 'ERR_NOT_FETCHING'
  readonly fault = 'user'
  override readonly advice = 'get it, with what is to be fetched of it'
  readonly root: CID

  constructor(root: CID, options?: ErrorOptions) {
    super(`${root.toString()} is not being fetched`, options)
    this.root = root
  }
}

/** The share has no such file. */
export class PathNotFoundError extends P2PShareError {
  static override readonly name = 'PathNotFoundError'
  override readonly name = 'PathNotFoundError'
  readonly code = 'ERR_PATH_NOT_FOUND'
  readonly fault = 'user'
  override readonly advice = 'check the spelling: paths are from the root of the share, with / between their parts'
  /** Escaped: safe to print. */
  readonly path: string

  constructor(path: string, options?: ErrorOptions) {
    super(`there is no file ${JSON.stringify(path)} in the share`, options)
    this.path = JSON.stringify(path)
  }
}

/** A directory has no bytes to read. */
export class PathIsDirectoryError extends P2PShareError {
  static override readonly name = 'PathIsDirectoryError'
  override readonly name = 'PathIsDirectoryError'
  readonly code = 'ERR_PATH_IS_DIRECTORY'
  readonly fault = 'user'
  override readonly advice = 'name a file in it'
  /** Escaped: safe to print. */
  readonly path: string

  constructor(path: string, options?: ErrorOptions) {
    super(path === '' ? 'the share is a directory' : `${JSON.stringify(path)} is a directory`, options)
    this.path = JSON.stringify(path)
  }
}

/** A read that begins behind the last byte of the file. */
export class OffsetBeyondEndError extends P2PShareError {
  static override readonly name = 'OffsetBeyondEndError'
  override readonly name = 'OffsetBeyondEndError'
  readonly code = 'ERR_OFFSET_BEYOND_END'
  readonly fault = 'user'
  readonly offset: number
  /** Size of the file. */
  readonly bytes: number

  constructor(offset: number, bytes: number, options?: ErrorOptions) {
    super(`offset ${offset} is behind the end of a file of ${bytes} bytes`, options)
    this.offset = offset
    this.bytes = bytes
  }
}
