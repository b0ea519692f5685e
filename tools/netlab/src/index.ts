/**
 * Real networks on one machine, out of network namespaces: hosts, NATs of every kind, and an internet with delay, jitter,
 * loss and rate.
 *
 * @packageDocumentation
 */
export { buildLab, listLabs, openLab } from './build.ts'
export {
  InvalidLabOptionError,
  LabCommandError,
  MissingToolsError,
  NoNamespacesError,
  NotInLabError,
  SwitchError
} from './errors.ts'
export { NAT_TYPES, factsOf, isNatType } from './nat-types.ts'
export type { Filtering, Mapping, NatType, NatTypeFacts } from './nat-types.ts'
export { EXTRA_SERVERS } from './options.ts'
export type { LabOptions, Link, LinkOptions } from './options.ts'
export { removeLab } from './remove.ts'
export { downOnAbort, stopSignal } from './stopping.ts'
export type { Classification, Seen } from './probe/verdict.ts'
export type { CommandOptions, CommandResult } from './run/command.ts'
export type { PortCounters } from './switch/control.ts'
export { startTurnServer } from './turn.ts'
export type { TurnServerOnHost } from './turn.ts'
export type { AbortOptions, BuildOptions, Lab, LabHost } from './types.ts'
