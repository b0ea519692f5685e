import { DUE_REFUSAL } from './due.ts'
import type { Context } from './context.ts'
import { stretch } from './probe.ts'
import type { Prober } from './prober.ts'
import type { Evidence, MemberIndex } from './types.ts'

/** Members that were once accused because they could not be reached, and never again without having been. */
const MAX_UNREACHABLE = 256

interface Refusal {
  readonly evidence: Evidence
  since: number
  dueAt: number
}

export interface RefusalHooks {
  accuse(subject: MemberIndex, evidence: Evidence, now: number): void
}

/** Subjects that refused a connection: they are accused as soon as others have answered meanwhile. */
export class Refusals {
  readonly #context: Context
  readonly #prober: Prober
  readonly #hooks: RefusalHooks
  readonly #open = new Map<MemberIndex, Refusal>()
  readonly #unreachable = new Set<MemberIndex>()

  constructor(context: Context, prober: Prober, hooks: RefusalHooks) {
    this.#context = context
    this.#prober = prober
    this.#hooks = hooks
  }

  get dueAt(): number {
    return this.#context.dues[DUE_REFUSAL] ?? Infinity
  }

  set dueAt(at: number) {
    this.#context.dues[DUE_REFUSAL] = at
  }

  get isEmpty(): boolean {
    return this.#open.size === 0
  }

  /** `silent`: it could not be reached, and never was: that may be the network between us, so it counts once. */
  add(subject: MemberIndex, evidence: Evidence, now: number): void {
    if (this.#open.has(subject) || (evidence === 'silent' && this.#unreachable.has(subject))) {
      return
    }
    this.#open.set(subject, { evidence, since: now, dueAt: Infinity })
    this.#askOthers(subject, now)
    this.check(now)
  }

  /** There is a link again, or nothing to say about it. */
  remove(subject: MemberIndex, isReached: boolean): void {
    this.#open.delete(subject)
    if (isReached) {
      this.#unreachable.delete(subject)
    }
  }

  /** Somebody answered, or time passed. */
  check(now: number): void {
    let next = Infinity
    for (const [subject, refusal] of this.#open) {
      if (!this.#context.view.isLive(subject)) {
        this.#open.delete(subject)
        continue
      }
      if (this.#prober.mayAccuse(subject, refusal.since, now)) {
        this.#open.delete(subject)
        if (refusal.evidence === 'silent') {
          this.#bar(subject)
        }
        this.#hooks.accuse(subject, refusal.evidence, now)
        continue
      }
      if (now >= refusal.dueAt) {
        this.#prober.doubt(now)
        refusal.since = now
        this.#askOthers(subject, now)
      }
      next = Math.min(next, refusal.dueAt)
    }
    this.dueAt = next
  }

  #askOthers(subject: MemberIndex, now: number): void {
    const refusal = this.#open.get(subject)
    if (refusal !== undefined) {
      refusal.dueAt = now + stretch(this.#context.profile.secondTimeoutMs, this.#prober.localHealth)
    }
    this.#prober.askOthers(subject, now)
  }

  #bar(subject: MemberIndex): void {
    if (this.#unreachable.size >= MAX_UNREACHABLE) {
      this.#unreachable.clear()
    }
    this.#unreachable.add(subject)
  }
}
