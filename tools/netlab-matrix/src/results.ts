import { goalOf } from './goals.ts'
import { expectationOf } from './pairs.ts'
import type { Expectation, Pair } from './pairs.ts'
import { timesOf } from './statistics.ts'
import type { Times } from './statistics.ts'

/** Who is run: the real programs, or two scripts on `createNode()` that only meet. */
export type Harness = 'cli' | 'node'

/** How one run ended, as the end that gets saw it. */
export interface RunResult {
  /** The two ends had a connection, of any kind; with the real programs: every byte arrived and was verified. */
  readonly connected: boolean
  /** What the first connection was. */
  readonly began?: 'direct' | 'relay' | 'none'
  /** What the connection was in the end. */
  readonly path: 'direct' | 'relay' | 'none'
  /** How it became direct: a strategy of @p2pshare/nat, or `dial`, when an address could be dialled right away. */
  readonly way?: string
  /** From the first message of the coordination to an upgraded connection of the right peer. */
  readonly directMs?: number
  /** From the start of the dial to the first connection. */
  readonly metMs?: number
  /** From the start of `get`, or of the dial, to the first byte of an answer from the other end. */
  readonly firstByteMs?: number
  /** Bytes that arrived and were verified. */
  readonly bytes?: number
  /** What went wrong, in words. */
  readonly error?: string
  /** How busy the machine was: its load average over a minute. */
  readonly load?: number
  /** The most that a process of the run waited for a processor while the two met. */
  readonly waitedMs?: number
  /** It was too long, and the run was made once more: this one does not count. */
  readonly heldUp?: boolean
  /** When, as 2026-11-22. */
  readonly day?: string
}

/** All runs of one pair with one loss by one harness. */
export interface Cell {
  readonly harness: Harness
  readonly pair: Pair
  readonly lossPercent: number
  readonly expected: Expectation
  readonly runs: number
  readonly connected: number
  readonly direct: number
  /** How often each way won, the most frequent first. */
  readonly ways: readonly (readonly [way: string, runs: number])[]
  readonly directMs?: Times
  /** Of every run that began over the relay: to the first byte of an answer. */
  readonly relayedMs: readonly number[]
  /** Of every run: how busy the machine was. */
  readonly loads: readonly number[]
  /** Of every run for which it is known: the longest that a process waited for a processor. */
  readonly waits: readonly number[]
  readonly days: readonly string[]
  readonly errors: readonly string[]
}

/** Sum up the runs of a cell. */
export function cellOf(pair: Pair, lossPercent: number, results: readonly RunResult[], harness: Harness = 'cli'): Cell {
  const direct = results.filter(({ path }) => path === 'direct')
  const directMs = timesOf(direct.flatMap((run) => run.directMs ?? []))
  return {
    harness,
    pair,
    lossPercent,
    expected: expectationOf(pair),
    runs: results.length,
    connected: results.filter(({ connected }) => connected).length,
    direct: direct.length,
    ways: tally(direct.map(({ way }) => way ?? 'unknown')),
    ...(directMs && { directMs }),
    relayedMs:
      harness === 'node' ? results.flatMap((run) => (run.began === 'relay' ? (run.firstByteMs ?? []) : [])) : [],
    loads: results.flatMap(({ load }) => load ?? []),
    waits: results.flatMap(({ waitedMs }) => waitedMs ?? []),
    days: [...new Set(results.flatMap(({ day }) => day ?? []))],
    errors: [...new Set(results.flatMap(({ error }) => error ?? []))]
  }
}

/**
 * What a cell did that theory says otherwise; undefined: nothing. Loss may cost a run in twenty its direct connection. One where
 * no way leads through is wrong too: the lab lets through what it should not, or the theory is not that of the code.
 */
export function shortfall({ expected, runs, connected, direct, lossPercent }: Cell): string | undefined {
  if (connected < runs) {
    return `${runs - connected} of ${runs} did not connect`
  }
  if (expected === 'relay') {
    return direct > 0 ? `${direct} of ${runs} direct where no way leads through` : undefined
  }
  const wanted = lossPercent > 0 ? runs - Math.floor(runs / 20) : runs
  return direct < wanted ? `${runs - direct} of ${runs} stayed on the relay` : undefined
}

/** Which of its times are above their goals; empty: none. */
export function slowness({ pair, lossPercent, directMs }: Cell): string | undefined {
  const goal = goalOf(pair, lossPercent)
  if (goal === undefined || directMs === undefined) {
    return undefined
  }
  const over = [
    directMs.p50 > (goal.p50Ms ?? Infinity) ? 'p50' : undefined,
    directMs.p95 > (goal.p95Ms ?? Infinity) ? 'p95' : undefined
  ].filter((text) => text !== undefined)
  return over.length === 0 ? undefined : `${over.join(' and ')} above the goal`
}

function tally(words: readonly string[]): [string, number][] {
  const counts = new Map<string, number>()
  for (const word of words) {
    counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  return [...counts].sort(([one, n], [other, m]) => m - n || (one < other ? -1 : 1))
}
