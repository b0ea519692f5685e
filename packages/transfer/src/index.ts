/**
 * @packageDocumentation
 *
 * Share files in place and fetch them from a swarm, every leaf verified, over libp2p streams. Works in a plain
 * libp2p node; discovery is handed in with `use()`.
 *
 * @example
 *
 * ```ts
 * import { createLibp2p } from 'libp2p'
 * import { transfer } from '@p2pshare/transfer'
 *
 * const node = await createLibp2p({ services: { transfer: transfer() } })
 * const share = await node.services.transfer.share('holiday')
 * ```
 */
import { resolveTransferOptions } from './options.ts'
import type { TransferInit } from './options.ts'
import { TransferService } from './transfer.ts'
import type { TransferComponents } from './transfer.ts'
import type { Transfer } from './types.ts'

export type { Ban, BanOptions, BanReason } from './bans/ban.ts'
export type { DamagedFile } from './store/verify-content.ts'
export type { TransferInit } from './options.ts'
export type { TransferComponents } from './transfer.ts'
export type {
  BlockOptions,
  GetOptions,
  ImportOptions,
  ImportProgress,
  LimitsInForce,
  RateLimits,
  ReadOptions,
  ReceiverReport,
  ScrubOptions,
  ScrubReport,
  Share,
  ShareEvents,
  ShareOptions,
  Transfer,
  TransferCollaborators,
  TransferEvent,
  VerifyOptions,
  VerifyReport
} from './types.ts'
export type { Stall, StallCause, StallRemedy } from './stall/stall.ts'
export type { SourceReport, Traffic, Waste } from './traffic.ts'
export type { Choice, FilePriority } from './fetch/choice.ts'
export {
  AlreadyFetchingError,
  ContentNotFoundError,
  DiskError,
  InvalidTicketError,
  LeafMismatchError,
  NodeNotFoundError,
  NotEnoughSpaceError,
  NotFetchingError,
  NotShareableError,
  NothingSelectedError,
  OffsetBeyondEndError,
  PathIsDirectoryError,
  PathNotFoundError,
  PeerBannedError,
  PeerGoneError,
  ProvidersUnreachableError,
  SealedLeafError,
  ShareKeyError,
  SourceChangedError,
  StoreBusyError,
  TargetExistsError,
  TransferStalledError,
  UnsafePathError,
  UnsupportedDagError,
  VerificationFailedError
} from './errors.ts'
export { importId } from './import/import-id.ts'
export { DEFAULT_PROFILE, PROFILES } from './import/profile.ts'
export type { Profile, ProfileName } from './import/profile.ts'
export { BLOCK_PROTOCOL } from './block/constants.ts'
export { TRANSFER_PROTOCOL } from './constants.ts'
export { printable } from './name-rules.ts'
export { checkName } from './paths.ts'
export { ShareSecret } from './private/secret.ts'
export { decodeTicket, encodeTicket, parseSource, toLink, withSecret } from './ticket.ts'
export type { Ticket } from './ticket-payload.ts'

/** File transfer as a libp2p service. See SPEC.md for the wire protocol. */
export function transfer(init: TransferInit = {}): (components: TransferComponents) => Transfer {
  const options = resolveTransferOptions(init)
  return (components) => new TransferService(components, options)
}
