import type { MembershipProfile } from './profile.ts'
import type { Roster } from './roster.ts'
import type { Claim, MachineStats, MemberIndex, MembershipEffects } from './types.ts'
import type { View } from './view.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** Counters of one machine; what is read off elsewhere (health, links) is not among them. */
export type Counters = Mutable<Omit<MachineStats, 'localHealth' | 'links'>>

/** What the parts of one machine share. */
export interface Context {
  readonly self: MemberIndex
  readonly roster: Roster
  readonly view: View
  readonly profile: MembershipProfile
  readonly effects: MembershipEffects
  /** In [0, 1). */
  readonly random: () => number
  readonly counters: Counters
  /** When each part has something to do. */
  readonly dues: Float64Array
}

export const NO_CLAIMS: readonly Claim[] = Object.freeze([])

/** All at 0. */
export function newCounters(): Counters {
  return {
    probes: 0,
    acks: 0,
    voided: 0,
    accusations: 0,
    suspicions: 0,
    verdicts: 0,
    refutations: 0,
    claimsAccepted: 0,
    duplicates: 0,
    pushes: 0,
    prunes: 0,
    wants: 0,
    digests: 0,
    synced: 0,
    refusedVotes: 0,
    dials: 0,
    dialsRefused: 0
  }
}
