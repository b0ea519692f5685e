import type { Context } from './context.ts'
import type { Links } from './links.ts'
import type { Prober } from './prober.ts'
import type { Claim } from './types.ts'

/** So many neighbours have to say that they heard the goodbye; they pass it on. */
const HEARD_BY = 3
/** Goodbyes on one link: who did not hear four is told by others, or finds out. */
const MAX_TRIES = 4

/** Says goodbye on all links and counts who heard it: what is written to a stream that closes may be lost. */
export class Leaving {
  dueAt = Infinity
  readonly #context: Context
  readonly #links: Links
  readonly #prober: Prober
  #claim: Claim | undefined
  #tries = 0
  #isTold = false

  constructor(context: Context, links: Links, prober: Prober) {
    this.#context = context
    this.#links = links
    this.#prober = prober
  }

  start(claim: Claim, now: number): void {
    this.#claim = claim
    this.flush(now)
  }

  flush(now: number): void {
    if (this.#claim === undefined) {
      return
    }
    for (const link of this.#links.up) {
      if (!link.hasHeardLeave) {
        // a fresh question: an answer to an old one does not say that this was heard
        link.pending = 'none'
        this.#prober.greet(link, now, [this.#claim])
      }
    }
    this.#tries++
    this.dueAt = this.#tries < MAX_TRIES ? now + this.#context.profile.firstTimeoutMs : Infinity
    this.check()
  }

  /** Somebody answered. */
  check(): void {
    const heard = this.#links.up.reduce((sum, { hasHeardLeave }) => sum + (hasHeardLeave ? 1 : 0), 0)
    if (!this.#isTold && this.#claim !== undefined && heard >= Math.min(HEARD_BY, this.#links.up.length)) {
      this.#isTold = true
      this.#context.effects.notify({ type: 'leave', member: this.#context.self, hops: 0 })
    }
  }
}
