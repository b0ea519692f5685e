import type { Connection, PeerId } from '@libp2p/interface'
import { anySignal } from 'any-signal'
import type { PunchAttempt, Strategy } from '../types.ts'
import type { Clock } from './clock.ts'
import { PunchFailedError, StrategyFailedError } from './errors.ts'
import { isDirect } from './opened.ts'
import type { PlanEntry } from './plan.ts'

type Taken = Extract<PlanEntry, { step: unknown }>

/** Ways that are tried together, and end together. */
export interface Runner {
  readonly entries: readonly Taken[]
  readonly run: (signal: AbortSignal) => Promise<Connection>
}

export interface RaceInit {
  readonly peer: PeerId
  readonly plan: readonly PlanEntry[]
  readonly runners: readonly Runner[]
  /** A direct connection to the peer, however it comes about; rejects when the signal is aborted. */
  readonly opened: (signal: AbortSignal) => Promise<Connection>
  readonly strategyOf: (connection: Connection) => Strategy
  readonly clock: Clock
  /** Of all of it. */
  readonly signal: AbortSignal
}

/** How a race ended. */
export interface RaceResult {
  readonly connection: Connection
  readonly strategy: Strategy
  readonly tries: readonly PunchAttempt[]
}

/**
 * Start everything at once; the first direct connection ends it, and what is under way is given up.
 *
 * @throws PunchFailedError when all ways end without one; its `tries` say why
 */
export async function race(init: RaceInit): Promise<RaceResult> {
  const { peer, plan, runners, opened, strategyOf, clock, signal } = init
  const [startedAt, begun] = [clock.wall(), clock.now()]
  const failures = new Map<Strategy, { reason: string; tookMs: number }>()
  const over = new AbortController()
  const either = anySignal([signal, over.signal])
  const tries = (winner?: Strategy): PunchAttempt[] => {
    const tookMs = clock.now() - begun
    return outcomes(plan, winner, failures).map((outcome) => ({
      peer,
      startedAt,
      tookMs: outcome.outcome === 'not-applicable' ? 0 : (failures.get(outcome.strategy)?.tookMs ?? tookMs),
      ...outcome
    }))
  }
  try {
    const ways = runners.map(async ({ entries, run }) => {
      try {
        return directOnly(await run(either))
      } catch (error) {
        for (const { strategy } of entries) {
          if (!either.aborted) {
            failures.set(strategy, { reason: reasonOf(error), tookMs: clock.now() - begun })
          }
        }
        throw error
      }
    })
    const all = Promise.allSettled(ways)
    const allFailed = all.then((results) => {
      const won = results.find((result) => result.status === 'fulfilled')
      if (won === undefined) {
        throw new StrategyFailedError('every way came to nothing')
      }
      return won.value
    })
    const connection = await Promise.race([opened(either), ...ways.map(onlySuccess), allFailed])
    const strategy = strategyOf(connection)
    return { connection, strategy, tries: tries(strategy) }
  } catch (cause) {
    throw new PunchFailedError(peer, tries(), { cause })
  } finally {
    over.abort(new StrategyFailedError('another way was faster'))
    either.clear()
  }
}

/** One outcome for each strategy, in the plan's order. Pure. */
export function outcomes(
  plan: readonly PlanEntry[],
  winner: Strategy | undefined,
  failures: ReadonlyMap<Strategy, { readonly reason: string }>
): Pick<PunchAttempt, 'strategy' | 'outcome' | 'reason'>[] {
  return [...new Set(plan.map(({ strategy }) => strategy))].map((strategy) => {
    if (strategy === winner) {
      return { strategy, outcome: 'connected' }
    }
    const own = plan.filter((entry) => entry.strategy === strategy)
    if (own.some((entry) => 'step' in entry)) {
      const failure = failures.get(strategy)
      if (failure !== undefined) {
        return { strategy, outcome: 'failed', reason: failure.reason }
      }
      return winner === undefined
        ? { strategy, outcome: 'failed', reason: 'no connection in time' }
        : { strategy, outcome: 'cancelled', reason: `${winner} was faster` }
    }
    const [entry] = own
    return entry !== undefined && 'reason' in entry
      ? { strategy, outcome: 'not-applicable', reason: entry.reason }
      : { strategy, outcome: 'not-applicable' }
  })
}

/** libp2p lets a dial join one of the same peer that is under way, and that may end with a circuit. */
function directOnly(connection: Connection): Connection {
  if (!isDirect(connection)) {
    throw new StrategyFailedError('the connection that came about goes through a relay')
  }
  return connection
}

/** Settles only when it goes well: failures are counted elsewhere. */
async function onlySuccess<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch {
    return new Promise<T>(() => undefined)
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error)
  }
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message
}
