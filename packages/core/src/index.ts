/**
 * @packageDocumentation
 *
 * A P2PShare node: share a file or directory, find who has it, fetch it. Composes `@p2pshare/dht`, `@p2pshare/gossip`,
 * `@p2pshare/nat` and `@p2pshare/transfer` over libp2p, with an identity and a place for its state.
 *
 * @example
 *
 * ```ts
 * import { createNode } from '@p2pshare/core'
 *
 * const sender = await createNode()
 * const { ticket } = await sender.share('README.md')
 *
 * const receiver = await createNode()
 * for await (const event of receiver.get(ticket, { output: '/tmp' })) {
 *   console.log(event.type)
 * }
 *
 * await Promise.all([sender.stop(), receiver.stop()])
 * ```
 */
export { createLightNode, createNode } from './create-node.ts'
export { openDataDirectory } from './data-directory.ts'
export { DialGate } from './dial-gate/dial-gate.ts'
export { DialRefusedError } from './dial-gate/errors.ts'
export { gatedBy, gatedDiscovery, gatedTransport } from './dial-gate/gated.ts'
export { dialGateService } from './dial-gate/service.ts'
export { DataDirectoryError, IdentityPermissionsError, InvalidIdentityError, ListenError } from './errors.ts'
export { loadOrCreateIdentity } from './identity.ts'
export { logUnhandledRejections } from './rejection-guard.ts'
export {
  InvalidNetworkKeyError,
  NetworkKeyExistsError,
  NetworkKeyNotWrittenError,
  NetworkKeyPermissionsError
} from './private-network/errors.ts'
export { createNetworkKey } from './private-network/network-key.ts'
export { defaultConnectionEncrypters, defaultStreamMuxers, defaultTransports } from './transports.ts'
// what its methods throw
export {
  AlreadyFetchingError,
  ContentNotFoundError,
  DiskError,
  InvalidTicketError,
  NodeNotFoundError,
  NotEnoughSpaceError,
  NotFetchingError,
  NotShareableError,
  NothingSelectedError,
  OffsetBeyondEndError,
  PathIsDirectoryError,
  PathNotFoundError,
  PeerBannedError,
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
} from '@p2pshare/transfer'
// what an application needs of transfer without importing it
export { importId, parseSource, printable } from '@p2pshare/transfer'
// and of names in the dht
export { parseName } from '@p2pshare/dht'
export type {
  Ban,
  BanOptions,
  BlockOptions,
  Choice,
  FilePriority,
  GetOptions,
  ImportOptions,
  ImportProgress,
  LimitsInForce,
  ProfileName,
  RateLimits,
  ReadOptions,
  ReceiverReport,
  ScrubReport,
  Share,
  ShareEvents,
  SourceReport,
  StallCause,
  StallRemedy,
  Ticket,
  Traffic,
  TransferEvent,
  VerifyReport
} from '@p2pshare/transfer'
export type { Announcement, DhtStatus, NetworkStatus, ResolvedName, TableEntry, TraceEvent } from '@p2pshare/dht'
export type { DataDirectory } from './data-directory.ts'
export type { DialGateInit, DialGateParts, DialGateView, Giver } from './dial-gate/dial-gate.ts'
export type { RefusalReason } from './dial-gate/judge.ts'
export type { LightNodeOptions, NodeOptions } from './options.ts'
export type { PrivateNetworkInit } from './private-network/protector.ts'
export type {
  LightServices,
  NodeServices,
  Notice,
  P2PShareNode,
  PeerInfoView,
  ShareNodeOptions,
  ShareResult
} from './types.ts'
