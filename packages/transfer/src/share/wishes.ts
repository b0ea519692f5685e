import { toRanges } from '../swarm/bitfield.ts'
import type { Bitfield } from '../swarm/bitfield.ts'
import { IndexBudget } from '../swarm/index-budget.ts'
import type { Deadline } from '../swarm/deadlines.ts'
import type { LeafOrder } from '../swarm/picker.ts'
import type { SharePolicy } from '../swarm/policy.ts'
import { MAX_RANGES } from '../wire/limits.ts'
import type { SwarmMember } from './member.ts'
import { sendRanges } from './policy-driver.ts'
import type { PolicyDriver } from './policy-driver.ts'

/** Leaves that peers are told to be urgent: more than one of them sends in a moment, few enough to say often. */
const TOLD_LEAVES = 64

/**
 * Of what a peer lets us name, so much goes into WANTs of another choice: most is left for the first WANT, which has every leaf,
 * and for HAVE, OFFER and PASS.
 */
const CHOICE_PART = 1 / 4

type WishedPolicy = Pick<
  SharePolicy,
  'setDeadline' | 'reorder' | 'urgent' | 'returns' | 'wasAsked' | 'isMissing' | 'missing'
>

/** Other leaves are wanted. Canonical indices. */
export interface WantedChange {
  /** All that is wanted from now on, held leaves included. */
  readonly wants: Bitfield
  /** Missing, and not before. */
  readonly more: readonly number[]
  /** Not wanted any more. */
  readonly less: readonly number[]
}

/** Who hears of it, and what is wanted now. */
export interface WishesInit {
  members(): Iterable<Pick<SwarmMember, 'session'>>
  /** All that is wanted, held leaves included; `undefined`: the map is not known. */
  wants(): Bitfield | undefined
  /** @default performance.now() */
  now?(): number
}

/** What of a share is to come first, and who was told: a peer that offers can only help if it knows (SPEC.md#downloading). */
export class Wishes {
  readonly #init: WishesInit
  readonly #deadlines = new Map<object, Deadline>()
  #order: LeafOrder | undefined
  #policy: WishedPolicy | undefined
  #told: readonly number[] = []
  /** Another choice often is a WANT of everything. */
  #budget: IndexBudget | undefined
  /** Peers are to be told all that is wanted, as soon as the budget has it. */
  #isLate = false
  /** `returns` of the policy when they were told. */
  #toldAt = 0

  constructor(init: WishesInit) {
    this.#init = init
  }

  /** Another policy decides from now on: it hears of everything again. */
  use(policy: WishedPolicy | undefined): void {
    this.#policy = policy
    this.#told = []
    this.#isLate = false
    if (this.#order !== undefined) {
      policy?.reorder(this.#order)
    }
    for (const [owner, deadline] of this.#deadlines) {
      policy?.setDeadline(owner, deadline, this.#now)
    }
    this.#told = policy?.urgent(TOLD_LEAVES) ?? []
  }

  /** What comes first of all that nobody waits for. */
  reorder(order: LeafOrder): void {
    this.#order = order
    this.#policy?.reorder(order)
    this.refresh(true)
  }

  /** What its owner waits for, in place of what it waited for before; `undefined`: nothing any more. */
  setDeadline(owner: object, deadline: Deadline | undefined): void {
    if (deadline === undefined) {
      this.#deadlines.delete(owner)
    } else {
      this.#deadlines.set(owner, deadline)
    }
    this.#policy?.setDeadline(owner, deadline, this.#now)
    this.refresh(true)
  }

  /** A member that was told what is wanted hears what of it is urgent. */
  introduce(member: Pick<SwarmMember, 'session'>): void {
    if (this.#told.length > 0) {
      tell(member, this.#told, true)
    }
  }

  isMissing(leaf: number): boolean {
    return this.#policy?.isMissing(leaf) ?? false
  }

  /**
   * Say what is wanted too, or all that is when that is less; then ask for it, or take back what was asked. Who changes it again
   * and again says it late, and once: peers bound what they are told.
   */
  choose(driver: Pick<PolicyDriver, 'policy' | 'act'>, { more, less }: Omit<WantedChange, 'wants'>): void {
    if (less.length > 0 || (more.length > 0 && !this.#mayName(more.length))) {
      this.#isLate = true
    } else if (more.length > 0) {
      for (const member of this.#init.members()) {
        tell(member, more, false)
      }
    }
    this.#sayAll()
    driver.act(driver.policy.choose(more, less, this.#now))
    this.refresh(true)
  }

  /** What is wanted in all, if it is to be said and may be by now. */
  #sayAll(): void {
    const wants = this.#isLate ? this.#init.wants() : undefined
    if (wants !== undefined && this.#mayName(wants.count)) {
      this.#isLate = false
      for (const member of this.#init.members()) {
        sendRanges(member, 'want', wants.ranges())
      }
    }
  }

  #mayName(leaves: number): boolean {
    this.#budget ??= new IndexBudget(this.#init.wants()?.length ?? 0, this.#now, CHOICE_PART)
    return this.#budget.take(leaves, this.#now)
  }

  get #now(): number {
    return this.#init.now?.() ?? performance.now()
  }

  /** Say what is urgent now, when that is something else; unless it must be known at once, when half of it was asked for. */
  refresh(atOnce = false): void {
    this.#sayAll()
    this.#tellNews(atOnce, false)
  }

  /**
   * The same, now and then. What came back is told even if it was told before: it may have been offered, and passed, while
   * it was asked of who did not send it.
   */
  remind(): void {
    this.#sayAll()
    const isBack = this.#policy !== undefined && this.#policy.returns !== this.#toldAt
    this.#tellNews(isBack, isBack)
  }

  #tellNews(atOnce: boolean, again: boolean): void {
    const policy = this.#policy
    if (policy === undefined || policy.missing === 0) {
      this.#told = []
      return
    }
    const open = this.#told.filter((leaf) => !policy.wasAsked(leaf))
    if (!atOnce && open.length > this.#told.length / 2) {
      return
    }
    const urgent = policy.urgent(TOLD_LEAVES)
    const isOther = urgent.length !== open.length || urgent.some((leaf) => !open.includes(leaf))
    const isNews = isOther || (again && urgent.length > 0)
    this.#told = urgent
    this.#toldAt = policy.returns
    for (const member of isNews ? this.#init.members() : []) {
      tell(member, urgent, true)
    }
  }
}

/** WANT of these too. When they are urgent, those that were before are not any more. */
function tell({ session }: Pick<SwarmMember, 'session'>, leaves: readonly number[], urgent: boolean): void {
  const ranges = toRanges(leaves)
  for (let at = 0; at === 0 || at < ranges.length; at += MAX_RANGES) {
    session.send({ type: 'want', ranges: ranges.slice(at, at + MAX_RANGES), urgent, adds: true })
  }
}
