import { getEventListeners } from 'node:events'
import type { Libp2p } from '@libp2p/interface'
import { LeakError } from './errors.ts'
import { callerOf, watchTimers } from './timer-watch.ts'
import type { TimerWatch } from './timer-watch.ts'

/** An object whose listeners are counted. */
export interface ListenerSource {
  /** How a leak is called in the message. */
  readonly name: string
  /** An `EventTarget` (an `AbortSignal`, a libp2p emitter) or a Node `EventEmitter`. */
  readonly target: EventTarget | NodeJS.EventEmitter
  /** The event types to count. */
  readonly types: readonly string[]
}

/** Where to look, besides the process's own timers, sockets and handles. */
export interface LeakSources {
  /** Nodes whose connections and streams are counted; a function is asked again at each check. */
  readonly nodes?: readonly Libp2p[] | (() => readonly Libp2p[])
  readonly listeners?: readonly ListenerSource[]
  /**
   * Kinds of process resource not to count, as `process.getActiveResourcesInfo()` calls them (`Timeout`,
   * `TCPSocketWrap`, …).
   *
   * @default []
   */
  readonly ignoreResources?: readonly string[]
  /**
   * Timers not to count: those whose place of setting (`function (file:line:column)`) matches.
   *
   * @default []
   */
  readonly ignoreTimers?: readonly RegExp[]
}

/** Options of `assertNone`. */
export interface LeakCheckOptions {
  /**
   * How long things may take to go away, in milliseconds: a closed socket takes a few turns of the event loop. Nothing
   * is waited for when nothing is left, and longer on a machine so busy that the loop turns more slowly.
   *
   * @default 1_000
   */
  settleMs?: number
}

/** Compares what is open with what was open when it was made. */
export interface LeakDetector {
  /** One line for each kind of thing there is more of now, and for each place that set timers. */
  check(): string[]
  /** Rejects with `LeakError` if something is left after `settleMs`. Ends the detector. */
  assertNone(options?: LeakCheckOptions): Promise<void>
  /** End the detector: it no longer notices timers. */
  stop(): void
}

/** Long enough for the close of a socket on a loaded machine. */
export const DEFAULT_SETTLE_MS = 1_000

/** Between two looks, once those of the next turns of the loop found something. */
const POLL_MS = 5
const QUICK_TURNS = 20

type Counts = Map<string, number>

function countInto(counts: Counts, key: string, by = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + by)
}

function countNode(counts: Counts, node: Libp2p): void {
  const self = node.peerId.toString().slice(-8)
  for (const connection of node.getConnections()) {
    const other = connection.remotePeer.toString().slice(-8)
    countInto(counts, `node …${self}: ${connection.direction} connection with …${other}`)
    for (const stream of connection.streams) {
      countInto(
        counts,
        `node …${self}: ${stream.direction} stream ${stream.protocol || '(no protocol yet)'} with …${other}`
      )
    }
  }
}

/** Counted one by one, or gone before anyone could care. */
const NOT_COUNTED = ['Timeout', 'Immediate']

/**
 * Places whose timers are not the test's: test runners set some while a test runs, and a libp2p node leaves debounced
 * updates that fire, to no effect, up to a second after it stopped.
 */
const NOT_OURS = [/node_modules\/(@?vitest|mocha|jest[^/]*)\//, /node_modules\/@libp2p\/utils\/.*\/debounce\.js/]

function countTimers(counts: Counts, watch: TimerWatch, ignored: readonly RegExp[]): void {
  for (const { stack } of watch.pending()) {
    const caller = callerOf(stack)
    if (caller !== undefined && ![...NOT_OURS, ...ignored].some((pattern) => pattern.test(caller))) {
      countInto(counts, `timer set at ${caller}`)
    }
  }
}

function countAll(sources: LeakSources, watch: TimerWatch): Counts {
  const counts: Counts = new Map()
  const ignored = new Set([...NOT_COUNTED, ...(sources.ignoreResources ?? [])])
  for (const resource of process.getActiveResourcesInfo()) {
    if (!ignored.has(resource)) {
      countInto(counts, `process resource ${resource}`)
    }
  }
  if (sources.ignoreResources?.includes('Timeout') !== true) {
    countTimers(counts, watch, sources.ignoreTimers ?? [])
  }
  const { nodes = [], listeners = [] } = sources
  for (const node of typeof nodes === 'function' ? nodes() : nodes) {
    countNode(counts, node)
  }
  for (const { name, target, types } of listeners) {
    for (const type of types) {
      countInto(counts, `listener of '${type}' on ${name}`, getEventListeners(target, type).length)
    }
  }
  return counts
}

async function turn(ms: number): Promise<void> {
  if (ms > 0) {
    await new Promise<void>((resolve) => setTimeout(resolve, ms))
  }
  // also lets the timer above come to its end: while its callback runs it still counts as pending
  await new Promise<void>((resolve) => setImmediate(resolve))
}

/**
 * Remember what is open now, and notice timers from now on. Sockets, handles, streams and listeners are counted by
 * kind, so one that was open then and closed since can hide a new one: start from rest, as `checkLeaks` does. Timers
 * and handles that do not keep the process alive (`unref`) are not seen.
 */
export function detectLeaks(sources: LeakSources = {}): LeakDetector {
  const watch = watchTimers()
  const before = countAll(sources, watch)

  const check = (): string[] =>
    [...countAll(sources, watch)].flatMap(([key, count]) => {
      const extra = count - (before.get(key) ?? 0)
      return extra > 0 ? [`${extra} × ${key}`] : []
    })

  return {
    check,
    async assertNone({ settleMs = DEFAULT_SETTLE_MS } = {}) {
      const deadlineMs = performance.now() + settleMs
      // a process that hardly gets to run has had the time, and not the turns
      const enoughTurns = QUICK_TURNS + settleMs / POLL_MS
      let leaks = check()
      for (let turns = 0; leaks.length > 0 && (turns < enoughTurns || performance.now() < deadlineMs); turns++) {
        await turn(turns < QUICK_TURNS ? 0 : POLL_MS)
        leaks = check()
      }
      watch.stop()
      if (leaks.length > 0) {
        throw new LeakError(leaks)
      }
    },
    stop: () => {
      watch.stop()
    }
  }
}
