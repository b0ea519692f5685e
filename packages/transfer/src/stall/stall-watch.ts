import { decideStall } from './stall-cause.ts'
import type { StallFacts } from './stall-cause.ts'
import type { Stall } from './stall.ts'

/** Looking at all peers costs something, and no reader follows faster. */
const LOOK_MS = 1000

export type StallNews =
  | (Stall & { readonly type: 'stalled'; readonly sinceMs: number })
  | { readonly type: 'flowing'; readonly stalledMs: number }

/**
 * When to say that a download stands still: after so long without a byte, again when the cause or what is tried changes
 * and each time as much time has passed; and once when bytes come again. Pure: the time is passed in.
 */
export class StallWatch {
  readonly #afterMs: number
  #lastByteAt: number
  #lookedAt = -Infinity
  /** What was said last, about a stall that began so long ago. */
  #said: { readonly key: string; readonly at: number; readonly since: number } | undefined

  constructor(afterMs: number, now: number) {
    this.#afterMs = afterMs
    this.#lastByteAt = now
  }

  /** Something came that was wanted, or was written. */
  moved(now: number): void {
    this.#lastByteAt = now
  }

  /** What there is to say now. */
  look(now: number, facts: () => StallFacts): StallNews | undefined {
    const sinceMs = now - this.#lastByteAt
    if (sinceMs < this.#afterMs) {
      return this.#end()
    }
    if (now - this.#lookedAt < Math.min(LOOK_MS, this.#afterMs)) {
      return undefined
    }
    this.#lookedAt = now
    const stall = decideStall(facts())
    const key = [stall.cause, ...stall.trying.map(({ type }) => type)].join(' ')
    // bytes that came between two looks ended a stall that nobody noticed the end of
    const isNew = this.#said?.key !== key || now - this.#said.at >= this.#afterMs
    if (!isNew) {
      return undefined
    }
    this.#said = { key, at: now, since: this.#said?.since ?? this.#lastByteAt }
    return { type: 'stalled', sinceMs, ...stall }
  }

  #end(): StallNews | undefined {
    const said = this.#said
    this.#said = undefined
    return said && { type: 'flowing', stalledMs: this.#lastByteAt - said.since }
  }
}
