import { isRelayRefusal } from '../stall/relay-budgets.ts'
import type { Candidate } from './connector.ts'

/** How the peers stand that there is no session with. */
export interface CandidateOutlook {
  readonly known: number
  readonly dialing: number
  /** Could not be reached the last time. */
  readonly failed: number
  /** Were reached and said no. */
  readonly refused: number
  /** Were not reached since their relay has no room. */
  readonly cutByRelay: number
  /** Until the first of them is tried again; absent: none waits. */
  readonly retryInMs?: number
  readonly lastError?: string
}

/** Count the candidates by how they stand. */
export function outlookOf(candidates: Iterable<Candidate>, now: number): CandidateOutlook {
  const open = [...candidates].filter(({ state }) => state === 'waiting' || state === 'dialing')
  const waiting = open.filter(({ state }) => state === 'waiting')
  const lastError = open.findLast((candidate) => candidate.lastError !== undefined)?.lastError?.message
  return {
    known: open.length,
    dialing: open.length - waiting.length,
    failed: open.filter(({ failures }) => failures > 0).length,
    refused: open.filter(({ failures, refusals }) => failures === 0 && refusals > 0).length,
    cutByRelay: open.filter(({ failures, lastError }) => failures > 0 && isRelayRefusal(lastError)).length,
    ...(waiting.length > 0 && {
      retryInMs: Math.max(0, Math.min(...waiting.map(({ notBefore }) => notBefore)) - now)
    }),
    ...(lastError !== undefined && { lastError })
  }
}
