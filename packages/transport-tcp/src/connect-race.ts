import { setMaxListeners } from 'main-event'
import { AttemptSchedule } from './attempt-schedule.ts'
import { abortReason } from './socket-events.ts'

/** What became of one attempt. */
export type Opened<Candidate, Won> =
  | { readonly type: 'connected'; readonly won: Won }
  | { readonly type: 'resolved'; readonly candidates: readonly Candidate[] }

/** What a race is run with. */
export interface RaceInit<Candidate, Won> {
  readonly delayMs: number
  readonly signal: AbortSignal
  /** Make one attempt; the signal says that the race is over. */
  open(candidate: Candidate, signal: AbortSignal): Promise<Opened<Candidate, Won>>
  /** Throw away what connected and was not wanted. */
  discard(won: Won): void
  /** Why an attempt came to nothing. */
  onFailure(error: unknown): void
}

type Outcome<Candidate, Won> = Opened<Candidate, Won> | { readonly type: 'failed' }

/**
 * Yields what connects, first come first served. Who asks for another one says that the last was no good; who stops asking
 * has what it wants, and the rest is thrown away. While the caller looks at one, no attempt is begun, and those under way
 * go on. Ends when every candidate has failed.
 */
export async function* connectRace<Candidate, Won>(
  candidates: Iterable<Candidate>,
  init: RaceInit<Candidate, Won>
): AsyncGenerator<Won, void, undefined> {
  const schedule = new AttemptSchedule(candidates, init.delayMs)
  const over = new AbortController()
  // one for each attempt
  setMaxListeners(Infinity, over.signal)
  const outcomes: Outcome<Candidate, Won>[] = []
  let wake: () => void = () => undefined

  const attempt = async (candidate: Candidate): Promise<void> => {
    let outcome: Outcome<Candidate, Won>
    try {
      outcome = await init.open(candidate, over.signal)
    } catch (error) {
      outcome = { type: 'failed' }
      if (!over.signal.aborted) {
        init.onFailure(error)
      }
    }
    if (over.signal.aborted) {
      discardIn(outcome)
      return
    }
    outcomes.push(outcome)
    wake()
  }

  const discardIn = (outcome: Outcome<Candidate, Won>): void => {
    if (outcome.type === 'connected') {
      init.discard(outcome.won)
    }
  }

  const onAbort = (): void => {
    wake()
  }
  init.signal.addEventListener('abort', onAbort)
  try {
    while (!schedule.isOver) {
      if (init.signal.aborted) {
        throw abortReason(init.signal)
      }
      const outcome = outcomes.shift()
      switch (outcome?.type) {
        case 'connected':
          yield outcome.won
          schedule.failed(performance.now())
          break
        case 'resolved':
          schedule.resolved(outcome.candidates, performance.now())
          break
        case 'failed':
          schedule.failed(performance.now())
          break
        case undefined: {
          const candidate = schedule.start(performance.now())
          if (candidate === undefined) {
            await sleep(schedule.wakeAt)
          } else {
            void attempt(candidate)
          }
        }
      }
    }
  } finally {
    init.signal.removeEventListener('abort', onAbort)
    over.abort()
    outcomes.forEach(discardIn)
  }

  /** Until something happens, or until the next attempt is due. */
  async function sleep(until: number | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    wake = (): void => {
      resolve(undefined)
    }
    const timer = until === undefined ? undefined : setTimeout(wake, Math.max(0, until - performance.now()))
    await promise
    clearTimeout(timer)
  }
}
