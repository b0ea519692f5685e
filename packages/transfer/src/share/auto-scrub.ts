import { anySignal } from 'any-signal'
import { asError } from '../as-error.ts'
import type { ScrubState } from '../store/scrub-state.ts'
import type { ScrubReport } from '../types.ts'
import { SCRUB_LOOK_MS, SCRUB_SETTLE_MS, jittered, msUntilScrub } from './scrub-schedule.ts'

export interface AutoScrubInit {
  /** Time between two passes; `Infinity`: none begins by itself. */
  readonly everyMs: number
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** In `[0, 1)`. */
  random(): number
  /** Rejects when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
  load(): Promise<ScrubState>
  save(state: ScrubState): Promise<void>
  /** Read everything that is shared; notes by itself how far it is, and its end. */
  pass(signal: AbortSignal): Promise<ScrubReport>
  started(resumed: boolean): void
  done(report: ScrubReport): void
  /** It could not go on; it is tried again. */
  failed(error: Error): void
}

/** Begins passes over all shares by itself, as the schedule says (SPEC.md#store). */
export class AutoScrub {
  readonly #init: AutoScrubInit
  /** Of a pass that runs. */
  #running: AbortController | undefined
  /** Ends with the pass. */
  #ended: Promise<void> = Promise.resolve()
  /** Passes that a user asked for and that run now. */
  #asked = 0

  constructor(init: AutoScrubInit) {
    this.#init = init
  }

  /** Until the signal aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const init = this.#init
    if (init.everyMs === Infinity) {
      return
    }
    const mine = jittered(init.everyMs, init.random())
    try {
      for (let wait = SCRUB_SETTLE_MS; ; wait = await this.#look(mine, signal)) {
        await init.sleep(Math.min(wait, SCRUB_LOOK_MS), signal)
      }
    } catch (error) {
      if (!signal.aborted) {
        init.failed(asError(error))
      }
    }
  }

  /** Run a pass that a user asked for: one that runs by itself stops, and its place is where this one goes on. */
  async instead<T>(pass: () => Promise<T>): Promise<T> {
    this.#asked++
    try {
      this.#running?.abort()
      await this.#ended
      return await pass()
    } finally {
      this.#asked--
    }
  }

  /** Do what is due; how long to wait then. */
  async #look(everyMs: number, signal: AbortSignal): Promise<number> {
    const init = this.#init
    try {
      const state = await init.load()
      if (state.since === undefined) {
        await init.save({ ...state, since: init.now() })
      }
      const wait = msUntilScrub(state, everyMs, init.now())
      if (wait > 0) {
        return wait
      }
      if (this.#asked === 0) {
        await this.#pass(state.cursor !== undefined, signal)
      }
    } catch (error) {
      signal.throwIfAborted()
      init.failed(asError(error))
    }
    return SCRUB_LOOK_MS
  }

  async #pass(resumed: boolean, signal: AbortSignal): Promise<void> {
    const running = new AbortController()
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.#running = running
    this.#ended = promise
    const either = anySignal([running.signal, signal])
    try {
      this.#init.started(resumed)
      this.#init.done(await this.#init.pass(either))
    } catch (error) {
      if (!running.signal.aborted) {
        throw error
      }
    } finally {
      either.clear()
      this.#running = undefined
      resolve(undefined)
    }
  }
}
