import type { PeerId } from '@libp2p/interface'
import type { Member, MemberState, MembershipView } from './membership.ts'
import type { HaveSummary } from './peer-exchange.ts'

/** What is known of a peer before it is dialled. All of it may be missing. */
export interface PeerStanding {
  /** By membership; absent: it never heard of it. */
  readonly state?: MemberState
  /** When that state was entered, in milliseconds since the Unix epoch. */
  readonly since?: number
  readonly rttMs?: number
  /** What it says it has of the share in question. */
  readonly have?: HaveSummary
}

/** Alive before unknown, unknown before suspect; who is gone comes last. */
const LIVENESS = { alive: 0, suspect: 2, dead: 3, left: 3 } as const
const UNKNOWN = 1

/** A peer whose round trip nobody measured: about what the internet has, so that near ones come first and far ones last. */
const TYPICAL_RTT_MS = 100

/** What membership and others know of a peer. */
export function standingOf(
  peer: PeerId,
  membership: Pick<MembershipView, 'member'> | undefined,
  have?: HaveSummary
): PeerStanding {
  const member: Pick<Member, 'state' | 'since' | 'rttMs'> | undefined = membership?.member(peer)
  return {
    ...(member === undefined ? {} : { state: member.state, since: member.since }),
    ...(member?.rttMs === undefined ? {} : { rttMs: member.rttMs }),
    ...(have === undefined ? {} : { have })
  }
}

/** It said goodbye, or everybody agreed that it does not answer. Others are better asked; it may be wrong. */
export function isGone({ state }: PeerStanding): boolean {
  return state === 'dead' || state === 'left'
}

/** Whom to dial first: negative when `a` is. Liveness, then who has something at all, then the shorter round trip. */
export function compareStanding(a: PeerStanding, b: PeerStanding): number {
  return (
    livenessOf(a) - livenessOf(b) ||
    Number(hasNothing(a)) - Number(hasNothing(b)) ||
    (a.rttMs ?? TYPICAL_RTT_MS) - (b.rttMs ?? TYPICAL_RTT_MS)
  )
}

/** A copy, the best first; equals stay in their order. */
export function rankByStanding<T>(items: Iterable<T>, standing: (item: T) => PeerStanding): T[] {
  return [...items]
    .map((item) => ({ item, standing: standing(item) }))
    .sort((a, b) => compareStanding(a.standing, b.standing))
    .map(({ item }) => item)
}

function livenessOf({ state }: PeerStanding): number {
  return state === undefined ? UNKNOWN : LIVENESS[state]
}

/** It says so: one that says nothing may have all. */
function hasNothing({ have }: PeerStanding): boolean {
  return have?.held === 0
}
