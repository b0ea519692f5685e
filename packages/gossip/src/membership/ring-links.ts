import { DUE_RELINK } from './due.ts'
import type { Context } from './context.ts'
import { NO_SLOT } from './link.ts'
import type { Links } from './links.ts'
import type { Prober } from './prober.ts'
import { comesBefore, subjectsOf } from './rings.ts'
import { NOBODY } from './state.ts'
import type { MemberIndex } from './types.ts'

/** Tries to find a member that there is no link to. */
const PICKS = 20
/** A random link is pinged once in so many rounds, and given up without an answer in twice as many. */
export const RANDOM_ROUNDS = 4

/** Keeps the links that this node wants: to its subjects on the rings, and a few of its own choice. */
export class RingLinks {
  readonly #context: Context
  readonly #links: Links
  readonly #prober: Prober
  readonly #subjects: Int32Array

  constructor(context: Context, links: Links, prober: Prober) {
    this.#context = context
    this.#links = links
    this.#prober = prober
    this.#subjects = new Int32Array(context.profile.rings).fill(NOBODY)
  }

  /** When to look the subjects up again. */
  get dueAt(): number {
    return this.#context.dues[DUE_RELINK] ?? Infinity
  }

  set dueAt(at: number) {
    this.#context.dues[DUE_RELINK] = at
  }

  /** A member came into the rings or went out of them. */
  changed(member: MemberIndex, now: number): void {
    if (this.dueAt !== Infinity) {
      return
    }
    const { view, roster, self, profile } = this.#context
    const matters = view.isLive(member)
      ? comesBefore(roster, self, this.#subjects, member)
      : this.#subjects.includes(member)
    if (matters) {
      this.dueAt = now + profile.relinkMs
    }
  }

  /** Look the subjects up and have links to them. */
  relink(now: number): void {
    this.dueAt = Infinity
    const { view, roster, self } = this.#context
    const { slots } = this.#prober
    subjectsOf(roster, view.states, self, this.#subjects)
    const before = slots.slice()
    for (const link of before) {
      if (link !== undefined) {
        link.slot = NO_SLOT
      }
    }
    for (let ring = 0; ring < slots.length; ring++) {
      const subject = this.#subjects[ring] ?? NOBODY
      const link = subject === NOBODY ? undefined : this.#links.getOrAdd(subject)
      slots[ring] = link
      if (link !== undefined) {
        if (!before.includes(link)) {
          link.wantedAt = now
        }
        link.slot = ring
        link.isRandom = false
        this.#links.ask(link, now)
      }
    }
    for (const link of before) {
      if (link?.slot === NO_SLOT) {
        this.#prober.release(link)
        this.#links.drop(link)
      }
    }
    this.#chooseRandom(now)
  }

  /** Every `RANDOM_ROUNDS` rounds: ping the random links, give up those that do not answer, choose others. */
  tendRandom(now: number): void {
    const patience = 2 * RANDOM_ROUNDS * this.#context.profile.probeIntervalMs
    for (const link of this.#links.all()) {
      if (!link.isRandom) {
        continue
      }
      const silent = link.isUp && now - Math.max(link.ackedAt, link.upAt) > patience
      if (silent || !this.#context.view.isLive(link.peer)) {
        link.isRandom = false
        this.#links.drop(link)
      } else if (link.isUp) {
        this.#prober.greet(link, now, [])
      }
    }
    this.#chooseRandom(now)
  }

  #chooseRandom(now: number): void {
    const { view, roster, self, profile, random } = this.#context
    let missing = profile.randomLinks
    for (const link of this.#links.all()) {
      missing -= link.isRandom ? 1 : 0
    }
    for (let pick = 0; pick < PICKS && missing > 0; pick++) {
      const member = Math.floor(random() * roster.end)
      if (member !== self && view.isLive(member) && this.#links.get(member) === undefined) {
        const link = this.#links.getOrAdd(member)
        link.isRandom = true
        this.#links.ask(link, now)
        missing--
      }
    }
  }
}
