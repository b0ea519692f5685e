import { DUE_VERDICT } from './due.ts'
import { ACCUSE_HEARD_AGAIN_MS } from './accusers.ts'
import type { Accusers } from './accusers.ts'
import type { Context } from './context.ts'
import { mayVote, observersAmong } from './rings.ts'
import { ALIVE, DEAD, isLive, SUSPECT } from './state.ts'
import { addVote, hasten, isNewVote, MAX_POSTPONED, quorumOf } from './suspicion.ts'
import type { Suspicion } from './suspicion.ts'
import type { Claim, MemberIndex } from './types.ts'

interface Evidence {
  readonly votes: readonly Claim[]
  /** When the member was dead here. */
  readonly since: number
}

/** Two members of one group have one vote. Below 0: of no known group. */
export type GroupOf = (member: MemberIndex) => number

/** Who is suspected here, by whom, until when; and the votes against those that are dead. */
export class Suspicions {
  readonly #context: Context
  readonly #accusers: Accusers
  readonly #groupOf: GroupOf | undefined
  readonly #observers: Int32Array
  readonly #open = new Map<MemberIndex, Suspicion>()
  readonly #evidence = new Map<MemberIndex, Evidence>()
  /** This node stood still: no verdict is brought nearer than this. */
  #notBefore = 0

  constructor(context: Context, accusers: Accusers, groupOf?: GroupOf) {
    this.#context = context
    this.#accusers = accusers
    this.#groupOf = groupOf
    this.#observers = new Int32Array(context.profile.rings)
  }

  /** When a verdict may be due; may be too early. */
  get dueAt(): number {
    return this.#context.dues[DUE_VERDICT] ?? Infinity
  }

  set dueAt(at: number) {
    this.#context.dues[DUE_VERDICT] = at
  }

  /** The votes against a suspect or dead member. */
  votes(member: MemberIndex): readonly Claim[] {
    return this.#open.get(member)?.votes ?? this.#evidence.get(member)?.votes ?? []
  }

  /** Whether the vote could count: its subject is live at that incarnation and the accuser is not heard yet. */
  isOpenTo(accuser: MemberIndex, subject: MemberIndex, incarnation: number): boolean {
    const { view } = this.#context
    if (!isLive(view.states[subject]) || view.claim(subject)?.incarnation !== incarnation) {
      return false
    }
    const suspicion = this.#open.get(subject)
    return suspicion === undefined || isNewVote(suspicion, accuser, this.#quorum(), this.#groupOf)
  }

  /** Whether the vote counts: also, the accuser observes the subject and keeps to its share. */
  counts({ signer, subject, incarnation }: Claim, now: number): boolean {
    if (!this.isOpenTo(signer, subject, incarnation)) {
      return false
    }
    const { roster, view, profile, counters } = this.#context
    if (
      this.#accusers.isMuted(signer, now) ||
      !this.#accusers.mayAccuse(signer, subject, ACCUSE_HEARD_AGAIN_MS, now) ||
      !mayVote(roster, view.states, profile.rings, view.liveCount, signer, subject)
    ) {
      counters.refusedVotes++
      return false
    }
    return true
  }

  /** Takes a vote that counts. Returns whether it is the first. */
  add(vote: Claim, now: number): boolean {
    const { view, profile, counters } = this.#context
    const { subject, incarnation, signer } = vote
    this.#accusers.accused(signer, subject, now)
    let suspicion = this.#open.get(subject)
    const isFirst = suspicion === undefined
    if (suspicion === undefined) {
      suspicion = { incarnation, since: now, votes: [], deadline: Infinity, postponed: 0 }
      this.#open.set(subject, suspicion)
      view.set(subject, SUSPECT, view.claim(subject))
      counters.suspicions++
    }
    addVote(suspicion, vote, this.#quorumFor(subject, now), profile, Math.max(now, this.#notBefore))
    this.dueAt = Math.min(this.dueAt, suspicion.deadline)
    return isFirst
  }

  /** The subject has spoken, or is gone: nobody is suspected any more. Its accusers were wrong if it is alive. */
  clear(member: MemberIndex, wasRefuted: boolean, now: number): void {
    const suspicion = this.#open.get(member)
    if (suspicion !== undefined && wasRefuted) {
      for (const { signer } of suspicion.votes) {
        this.#accusers.refuted(signer, member, now)
      }
    }
    this.#open.delete(member)
    this.#evidence.delete(member)
  }

  /** Members that are dead now, by the votes against them. */
  judge(now: number): MemberIndex[] {
    const dead: MemberIndex[] = []
    let next = Infinity
    for (const [member, { deadline, votes }] of this.#open) {
      if (deadline > now) {
        next = Math.min(next, deadline)
        continue
      }
      this.#open.delete(member)
      this.#evidence.set(member, { votes, since: now })
      this.#context.view.set(member, DEAD, this.#context.view.claim(member))
      this.#context.counters.verdicts++
      dead.push(member)
    }
    this.dueAt = next
    return dead
  }

  /** It is suspected, with fewer votes than it takes. */
  lacks(member: MemberIndex): boolean {
    const suspicion = this.#open.get(member)
    return suspicion !== undefined && suspicion.votes.length < this.#quorum()
  }

  /** Somebody has been suspected since before then, with fewer votes than it takes: others may have heard more. */
  isLacking(before: number): boolean {
    for (const { since, votes } of this.#open.values()) {
      if (since < before && votes.length < this.#quorum()) {
        return true
      }
    }
    return false
  }

  /** From time to time: where observers have gone, fewer votes will come. */
  review(now: number): void {
    for (const [member, suspicion] of this.#open) {
      if (suspicion.votes.length < this.#context.profile.quorum) {
        hasten(suspicion, this.#quorumFor(member, now), this.#context.profile, Math.max(now, this.#notBefore))
        this.dueAt = Math.min(this.dueAt, suspicion.deadline)
      }
    }
  }

  /**
   * This node stood still: a refutation may lie unread. No verdict before then, also when votes that lay with it are read
   * first, unless it stands still all the time.
   */
  postpone(until: number): void {
    this.#notBefore = until
    let next = Infinity
    for (const suspicion of this.#open.values()) {
      if (suspicion.deadline < until && suspicion.postponed < MAX_POSTPONED) {
        suspicion.postponed++
        suspicion.deadline = until
      }
      next = Math.min(next, suspicion.deadline)
    }
    this.dueAt = next
  }

  /**
   * No more than there are observers that are not suspected themselves: when half of all end at once, so do they. Those
   * that died lately still have their places: who hears of a death late must not wait for the votes of their heirs.
   */
  #quorumFor(subject: MemberIndex, now: number): number {
    const { roster, view, profile } = this.#context
    const since = now - 2 * profile.suspicionMaxMs
    const isIn = (member: MemberIndex): boolean =>
      view.isLive(member) || (this.#evidence.get(member)?.since ?? -Infinity) >= since
    let standing = 0
    for (const observer of observersAmong(roster, isIn, subject, this.#observers)) {
      standing += view.states[observer] === ALIVE ? 1 : 0
    }
    return quorumOf(this.#quorum(), standing)
  }

  #quorum(): number {
    return quorumOf(this.#context.profile.quorum, this.#context.view.liveCount - 1)
  }
}
