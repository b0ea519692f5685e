/**
 * The membership machine: who is alive, decided by pure code that a node and a simulator run alike (SPEC.md#membership).
 *
 * @packageDocumentation
 */
export * from './bounds.ts'
export { ringPositions, RING_COUNT } from './positions.ts'
export { Roster } from './roster.ts'
export type { RosterInit } from './roster.ts'
export { PROFILES } from './profile.ts'
export type { MembershipProfile, ProfileName } from './profile.ts'
export { createMachine } from './machine.ts'
export type { MachineInit } from './machine.ts'
export { mayVote, observersOf, subjectsOf } from './rings.ts'
export type {
  Claim,
  ClaimId,
  Evidence,
  LinkEnd,
  MachineStart,
  MachineStats,
  MemberChange,
  MemberChangeType,
  MemberIndex,
  MemberRecord,
  MembershipEffects,
  MembershipMachine,
  MembershipMessage,
  PingOrAck,
  Status,
  UnsignedClaim
} from './types.ts'
