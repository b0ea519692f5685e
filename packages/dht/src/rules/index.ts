/**
 * @packageDocumentation
 *
 * What the package decides, without sockets, clocks and chance: whom to ask and tell next, when an announcement is due
 * again, whom to dial first. For simulations (`npm run sim:dht`) and for readers of SPEC.md.
 */
export { FINDABLE_ACKS, ackState } from './ack-state.ts'
export type { AckState, Acks } from './ack-state.ts'
export { Exploration } from './exploration.ts'
export { estimateHalfLife } from './half-life.ts'
export type { HolderSeen } from './half-life.ts'
export { holdersFor } from './holders-for.ts'
export { Lookup, SEEDS } from './lookup.ts'
export type { Ask, LookupInit, LookupStep } from './lookup.ts'
export { estimateSize } from './network-size.ts'
export type { SizeEstimate, SizeSample } from './network-size.ts'
export { nextProvideAt, provideIntervalMs } from './next-provide.ts'
export type { ProvideHistory } from './next-provide.ts'
export { distanceOf } from './position.ts'
export type { Contact, Position } from './position.ts'
export { isUnder } from './prefix.ts'
export type { Prefix } from './prefix.ts'
export { HEDGE_MS, MAX_DIALS, rankProviders } from './rank-providers.ts'
export type { ProviderFacts } from './rank-providers.ts'
export { holdersIn, regionsOf } from './regions.ts'
export type { Region } from './regions.ts'
export { HARD_TIMEOUT_MS, softTimeoutMs } from './soft-timeout.ts'
export type { AnswerTimes } from './soft-timeout.ts'
export { DEPTH_LOOKUPS, MAX_SINGLE_KEYS, SweepSchedule, partsWith, sweepDepth, turnOf } from './sweep.ts'
export type { SweepInit, SweepTurn } from './sweep.ts'
