import { median, percentile } from '../harness/stats.ts'
import type { Seen } from './orders.ts'

/** `kill`: its host closes its connections; `silent`: nobody does; `back`: it goes on after a `stall`. */
export type EventKind = 'join' | 'leave' | 'kill' | 'silent' | 'stall' | 'back'

/** Which of a member's changes show that an event was noticed. */
const SHOWS: Readonly<Record<EventKind, readonly Seen['change'][]>> = {
  join: ['join'],
  leave: ['leave'],
  kill: ['dead'],
  silent: ['dead'],
  stall: ['suspect', 'dead'],
  back: ['alive', 'join']
}

/** Something that happened to one member, and who was there to notice. */
export interface TrackedEvent {
  readonly kind: EventKind
  readonly subject: string
  readonly startMs: number
  readonly viewers: ReadonlySet<string>
}

/** How an event got around. Times in milliseconds from its start, of those viewers that noticed. */
export interface Spreading {
  readonly kind: EventKind
  readonly viewers: number
  /** Ascending. */
  readonly timesMs: readonly number[]
  /** The longest way the news took. */
  readonly rounds: number
}

/** The first time each viewer noticed. */
export function spreading({ kind, subject, startMs, viewers }: TrackedEvent, seen: readonly Seen[]): Spreading {
  const first = new Map<string, Seen>()
  for (const each of seen) {
    const counts =
      each.subject === subject && each.at >= startMs && viewers.has(each.viewer) && SHOWS[kind].includes(each.change)
    const known = first.get(each.viewer)
    if (counts && (known === undefined || each.at < known.at)) {
      first.set(each.viewer, each)
    }
  }
  const noticed = [...first.values()]
  return {
    kind,
    viewers: viewers.size,
    timesMs: noticed.map(({ at }) => at - startMs).sort((a, b) => a - b),
    rounds: Math.max(0, ...noticed.map(({ hops }) => hops))
  }
}

/** One row of the table: all events of a kind. */
export interface EventFigures {
  readonly events: number
  /** Over the pairs of event and viewer. */
  readonly p50Ms: number
  readonly p90Ms: number
  readonly p99Ms: number
  /** Median over the events of the time until the last viewer knew; `undefined`: of none did all. */
  readonly allMs: number | undefined
  readonly rounds: number
  /** Pairs of event and viewer that never noticed. */
  readonly missed: number
}

/** `undefined` when there was no such event. */
export function figuresOf(kind: EventKind, events: readonly Spreading[]): EventFigures | undefined {
  const own = events.filter((event) => event.kind === kind)
  if (own.length === 0) {
    return undefined
  }
  const times = own.flatMap(({ timesMs }) => timesMs)
  const whole = own.filter(({ timesMs, viewers }) => timesMs.length === viewers)
  return {
    events: own.length,
    p50Ms: percentile(times, 50),
    p90Ms: percentile(times, 90),
    p99Ms: percentile(times, 99),
    allMs: whole.length === 0 ? undefined : median(whole.map(({ timesMs }) => timesMs.at(-1) ?? 0)),
    rounds: Math.max(...own.map(({ rounds }) => rounds)),
    missed: own.reduce((sum, { viewers, timesMs }) => sum + viewers - timesMs.length, 0)
  }
}

/** What the simulation said of one kind of event (`npm run sim:gossip -- --predict`). */
export interface Prediction {
  readonly members: number
  readonly event: string
  readonly p50Ms: number | null
  readonly p99Ms: number | null
  readonly allP50Ms?: number | null
  readonly backP50Ms?: number | null
  readonly backP99Ms?: number | null
}

/** What was said of this kind; coming back is part of the stall. */
export function predictedOf(
  kind: EventKind,
  members: number,
  predictions: readonly Prediction[]
): { readonly p50Ms: number | undefined; readonly p99Ms: number | undefined } {
  const event = kind === 'back' ? 'stall' : kind
  const found = predictions.find((prediction) => prediction.members === members && prediction.event === event)
  const [p50Ms, p99Ms] = kind === 'back' ? [found?.backP50Ms, found?.backP99Ms] : [found?.p50Ms, found?.p99Ms]
  return { p50Ms: p50Ms ?? undefined, p99Ms: p99Ms ?? undefined }
}

/** Real over simulated; `undefined` when one is not known or nothing. */
export function ratio(real: number | undefined, simulated: number | undefined): number | undefined {
  return real === undefined || simulated === undefined || simulated === 0 || Number.isNaN(real)
    ? undefined
    : real / simulated
}
