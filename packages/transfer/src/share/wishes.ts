import { toRanges } from '../swarm/bitfield.ts'
import type { Bitfield } from '../swarm/bitfield.ts'
import type { Deadline } from '../swarm/deadlines.ts'
import type { LeafOrder } from '../swarm/picker.ts'
import type { SharePolicy } from '../swarm/policy.ts'
import { MAX_RANGES } from '../wire/limits.ts'
import type { SwarmMember } from './member.ts'
import { sendRanges } from './policy-driver.ts'
import type { PolicyDriver } from './policy-driver.ts'

/** Leaves that peers are told to be urgent: more than one of them sends in a moment, few enough to say often. */
const TOLD_LEAVES = 64

type WishedPolicy = Pick<SharePolicy, 'setDeadline' | 'reorder' | 'urgent' | 'wasAsked' | 'isMissing' | 'missing'>

/** Other leaves are wanted. Canonical indices. */
export interface WantedChange {
  /** All that is wanted from now on, held leaves included. */
  readonly wants: Bitfield
  /** Missing, and not before. */
  readonly more: readonly number[]
  /** Not wanted any more. */
  readonly less: readonly number[]
}

/** What of a share is to come first, and who was told: a peer that offers can only help if it knows (SPEC.md#downloading). */
export class Wishes {
  readonly #members: () => Iterable<Pick<SwarmMember, 'session'>>
  readonly #deadlines = new Map<object, Deadline>()
  #order: LeafOrder | undefined
  #policy: WishedPolicy | undefined
  #told: readonly number[] = []

  constructor(members: () => Iterable<Pick<SwarmMember, 'session'>>) {
    this.#members = members
  }

  /** Another policy decides from now on: it hears of everything again. */
  use(policy: WishedPolicy | undefined): void {
    this.#policy = policy
    this.#told = []
    if (this.#order !== undefined) {
      policy?.reorder(this.#order)
    }
    for (const [owner, deadline] of this.#deadlines) {
      policy?.setDeadline(owner, deadline, performance.now())
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
    this.#policy?.setDeadline(owner, deadline, performance.now())
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

  /** Say what is wanted too, or all that is when that is less; then ask for it, or take back what was asked. */
  choose(driver: Pick<PolicyDriver, 'policy' | 'act'>, { wants, more, less }: WantedChange): void {
    for (const member of this.#members()) {
      if (less.length > 0) {
        sendRanges(member, 'want', wants.ranges())
      } else if (more.length > 0) {
        tell(member, more, false)
      }
    }
    driver.act(driver.policy.choose(more, less, performance.now()))
    this.refresh(true)
  }

  /** Say what is urgent now, when that is something else; unless it must be known at once, when half of it was asked for. */
  refresh(atOnce = false): void {
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
    const isNews = urgent.length !== open.length || urgent.some((leaf) => !open.includes(leaf))
    this.#told = urgent
    for (const member of isNews ? this.#members() : []) {
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
