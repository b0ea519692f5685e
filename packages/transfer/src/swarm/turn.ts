import type { PeerKey } from './effects.ts'
import type { Taker } from './taker.ts'

/** Peers that lack leaves within the same step of this many are equally far behind: the oldest grant decides. */
export const LAG_LEAVES = 8
/** In a share of many leaves the step is this part of it: what counts is how far behind a peer is. */
export const LAG_PART = 1 / 32

/** A peer that was sent this much more than it sent is served last by those who fetch too: leaves, and at least bytes. */
export const CREDIT_LEAVES = 4
export const CREDIT_BYTES = 1024 * 1024

export interface TurnRules {
  readonly lagLeaves: number
  /** What a peer may owe; `Infinity` where nobody owes anything. */
  readonly creditBytes: number
  /** Those a first seeder serves before others: they passed on what it gave them. */
  prefers(peer: PeerKey): boolean
  canTake(peer: PeerKey): boolean
}

/** What decides between two peers, the first that differs. */
interface Rank {
  readonly debt: number
  readonly preferred: boolean
  readonly lag: number
  readonly lastGrantAt: number
  readonly lot: number
}

/**
 * Whose turn it is (SPEC.md#uploading): of the peers that lack something this node has, those who do not owe too much,
 * then the one furthest behind by whole steps, then the one that waits longest. Pure.
 */
export function nextTurn(takers: Iterable<Taker>, rules: TurnRules, now: number): Taker | undefined {
  let best: Taker | undefined
  let bestRank: Rank | undefined
  for (const taker of takers) {
    const { shown, grant, useful, room, passedUntil, peer } = taker
    const waits = shown && grant === undefined && useful.count > 0 && room > 0 && passedUntil <= now
    if (waits && rules.canTake(peer.key)) {
      const rank = rankOf(taker, rules)
      if (bestRank === undefined || isBefore(rank, bestRank)) {
        best = taker
        bestRank = rank
      }
    }
  }
  return best
}

function rankOf({ peer, useful, lastGrantAt, lot }: Taker, rules: TurnRules): Rank {
  const debt = peer.sentBytes - peer.receivedBytes
  return {
    debt: debt > rules.creditBytes ? debt : 0,
    preferred: rules.prefers(peer.key),
    lag: Math.floor(useful.count / rules.lagLeaves),
    lastGrantAt,
    lot
  }
}

function isBefore(a: Rank, b: Rank): boolean {
  if (a.debt !== b.debt) {
    return a.debt < b.debt
  }
  if (a.preferred !== b.preferred) {
    return a.preferred
  }
  if (a.lag !== b.lag) {
    return a.lag > b.lag
  }
  return a.lastGrantAt === b.lastGrantAt ? a.lot < b.lot : a.lastGrantAt < b.lastGrantAt
}
