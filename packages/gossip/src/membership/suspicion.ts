import type { MembershipProfile } from './profile.ts'
import type { Claim, MemberIndex } from './types.ts'

/** Accusations of one incarnation of a member, from its observers. */
export interface Suspicion {
  readonly incarnation: number
  /** When the first vote was heard here. */
  readonly since: number
  /** Distinct accusers, and distinct groups where groups are known; at most the quorum. */
  readonly votes: Claim[]
  deadline: number
  /** How often the verdict was put off because this node stood still. */
  postponed: number
}

/** Then it comes all the same: where the machine is too busy a node is late all the time, and would bury nobody. */
export const MAX_POSTPONED = 8

type SuspicionTimes = Pick<MembershipProfile, 'quorum' | 'suspicionMinMs' | 'suspicionMaxMs' | 'closedMinMs'>

/** Votes that end a suspicion soonest: fewer where fewer members can vote. */
export function quorumOf(quorum: number, liveCount: number): number {
  return Math.max(1, Math.min(quorum, liveCount))
}

/**
 * How long a suspicion lasts: with one vote `suspicionMaxMs`, falling with the logarithm of the votes to
 * `suspicionMinMs` at the quorum, and `closedMinMs` if so many saw the connection refused.
 */
export function suspicionMs(votes: number, closed: number, quorum: number, times: SuspicionTimes): number {
  const { suspicionMinMs: min, suspicionMaxMs: max, closedMinMs } = times
  if (closed >= quorum) {
    return closedMinMs
  }
  return votes >= quorum ? min : Math.max(min, max - ((max - min) * Math.log(Math.max(1, votes))) / Math.log(quorum))
}

/** Whether one more vote of this accuser counts. `groupOf` says who is to be counted once; below 0: nobody knows. */
export function isNewVote(
  suspicion: Suspicion,
  accuser: MemberIndex,
  quorum: number,
  groupOf?: (member: MemberIndex) => number
): boolean {
  const { votes } = suspicion
  if (votes.length >= quorum) {
    return false
  }
  const group = groupOf?.(accuser) ?? -1
  for (const { signer } of votes) {
    if (signer === accuser || (group >= 0 && groupOf?.(signer) === group)) {
      return false
    }
  }
  return true
}

/** Adds a vote that counts; the deadline only comes nearer. */
export function addVote(
  suspicion: Suspicion,
  vote: Claim,
  quorum: number,
  times: SuspicionTimes,
  earliest: number
): void {
  suspicion.votes.push(vote)
  hasten(suspicion, quorum, times, earliest)
}

/**
 * The deadline with this quorum, if it is nearer: some that could vote may have gone. Not before `earliest`, which is now or
 * later: a vote that comes late makes a verdict due at once, and one that was due before would look as if this node had stood still.
 */
export function hasten(suspicion: Suspicion, quorum: number, times: SuspicionTimes, earliest: number): void {
  let closed = 0
  for (const { evidence } of suspicion.votes) {
    closed += evidence === 'closed' ? 1 : 0
  }
  const end = suspicion.since + suspicionMs(suspicion.votes.length, closed, quorum, times)
  suspicion.deadline = Math.min(suspicion.deadline, Math.max(earliest, end))
}
