import { InvalidOptionError } from '@p2pshare/interface'
import type { Clock, ClockTimer } from './clock.ts'
import { RunawayClockError } from './errors.ts'
import type { HeapTimer } from './timer-heap.ts'
import { TimerHeap } from './timer-heap.ts'

/** Callbacks one `advance` may run; above every simulation we have, below what hangs a test runner. */
export const MAX_CALLBACKS_PER_ADVANCE = 1_000_000

/** Options of `virtualClock`. */
export interface VirtualClockInit {
  /**
   * What `now()` says at first, in milliseconds.
   *
   * @default 0
   */
  startMs?: number
  /**
   * Callbacks one `advance` may run before it throws `RunawayClockError`.
   *
   * @default 1_000_000
   */
  maxCallbacks?: number
}

/** A clock that moves only when told to. */
export interface VirtualClock extends Clock {
  /** Timers that have neither fired nor been cleared. */
  readonly pending: number
  /** When the next timer fires, in milliseconds of this clock. */
  readonly nextAtMs: number | undefined
  /**
   * Move time on by `ms`. Timers fire in order of their time, those of equal time in the order they were set, each
   * seeing `now()` at its own time; timers they set fire too when due. What a callback throws ends the call there.
   */
  advance(ms: number): void
  /**
   * Like `advance`, and after each callback (and first of all) lets every promise reaction run that is ready, so that
   * code which awaits `sleep(clock, …)` in a loop goes through all its turns.
   */
  advanceAsync(ms: number): Promise<void>
}

const settle = async (): Promise<void> => {
  // one turn of the event loop: all microtasks, also those queued by microtasks, run before it ends
  await new Promise<void>((resolve) => setImmediate(resolve))
}

class ManualClock implements VirtualClock {
  readonly #timers = new TimerHeap()
  readonly #maxCallbacks: number
  #now: number
  #order = 0
  #pending = 0

  constructor(startMs: number, maxCallbacks: number) {
    this.#now = startMs
    this.#maxCallbacks = maxCallbacks
  }

  get pending(): number {
    return this.#pending
  }

  get nextAtMs(): number | undefined {
    return this.#timers.peek()?.atMs
  }

  now(): number {
    return this.#now
  }

  setTimeout(callback: () => void, delayMs: number): ClockTimer {
    // the platform's timers treat these the same way
    const wait = Number.isNaN(delayMs) || delayMs < 0 ? 0 : delayMs
    const timer: HeapTimer = { atMs: this.#now + wait, order: this.#order++, callback, cancelled: false }
    this.#timers.push(timer)
    this.#pending++
    return timer
  }

  clearTimeout(timer: ClockTimer | undefined): void {
    const entry = timer as HeapTimer | undefined
    if (entry !== undefined && !entry.cancelled) {
      entry.cancelled = true
      this.#pending--
    }
  }

  advance(ms: number): void {
    const untilMs = this.#target(ms)
    let callbacks = 0
    while (this.#fireNext(untilMs, callbacks)) {
      callbacks++
    }
    this.#now = untilMs
  }

  async advanceAsync(ms: number): Promise<void> {
    const untilMs = this.#target(ms)
    let callbacks = 0
    await settle()
    while (this.#fireNext(untilMs, callbacks)) {
      callbacks++
      await settle()
    }
    this.#now = untilMs
  }

  #target(ms: number): number {
    if (!Number.isFinite(ms) || ms < 0) {
      throw new InvalidOptionError('ms', `time moves forward by a finite number of milliseconds, not ${ms}`)
    }
    return this.#now + ms
  }

  #fireNext(untilMs: number, callbacks: number): boolean {
    const next = this.#timers.peek()
    if (next === undefined || next.atMs > untilMs) {
      return false
    }
    if (callbacks >= this.#maxCallbacks) {
      throw new RunawayClockError(callbacks)
    }
    this.#timers.pop()
    // so that clearing it later does not count it twice
    next.cancelled = true
    this.#pending--
    this.#now = next.atMs
    next.callback()
    return true
  }
}

/** A clock for tests and simulations: it stands still until `advance`, and is deterministic. */
export function virtualClock(init: VirtualClockInit = {}): VirtualClock {
  return new ManualClock(init.startMs ?? 0, init.maxCallbacks ?? MAX_CALLBACKS_PER_ADVANCE)
}
