import { MAX_MEMBERS, MAX_METADATA_BYTES } from './bounds.ts'
import type { Context } from './context.ts'
import { merge } from './merge.ts'
import { ALIVE, DEAD, isLive, LEFT, SUSPECT, UNKNOWN } from './state.ts'
import type { State } from './state.ts'
import type { Suspicions } from './suspicions.ts'
import { Tombstones } from './tombstones.ts'
import type { Claim, MemberChangeType, MemberIndex } from './types.ts'

export interface LedgerHooks {
  /** It came into the rings or went out of them. */
  ringChanged(member: MemberIndex, now: number): void
  /** It is neither dead nor left any more, or is forgotten. */
  revived(member: MemberIndex): void
  suspected(member: MemberIndex, now: number): void
}

/** What claims about others do to the view. */
export class Ledger {
  readonly tombstones: Tombstones
  readonly #context: Context
  readonly #suspicions: Suspicions
  readonly #hooks: LedgerHooks

  constructor(context: Context, suspicions: Suspicions, hooks: LedgerHooks) {
    this.#context = context
    this.#suspicions = suspicions
    this.#hooks = hooks
    this.tombstones = new Tombstones(context.profile.tombstoneMs)
  }

  /** Whether it would change anything, as far as can be told without its signature. */
  isNews(claim: Claim, now: number): boolean {
    const { view } = this.#context
    const { subject, signer, kind } = claim
    const held = view.claim(subject)
    if (kind === 'suspect') {
      // the alive claim that it is about may come before it in the same message
      return held === undefined || claim.incarnation > held.incarnation || this.#suspicions.counts(claim, now)
    }
    if (signer !== subject || (claim.metadata !== undefined && claim.metadata.length > MAX_METADATA_BYTES)) {
      return false
    }
    if (held === undefined && view.size >= MAX_MEMBERS && (kind === 'left' || this.tombstones.size === 0)) {
      return false
    }
    return merge(view.state(subject), held, claim) !== UNKNOWN
  }

  /** Returns whether it was news. */
  accept(claim: Claim, hops: number, now: number): boolean {
    if (claim.kind === 'suspect') {
      const counts = this.#suspicions.counts(claim, now)
      if (counts) {
        this.vote(claim, hops, now)
      }
      return counts
    }
    if (!this.isNews(claim, now)) {
      return false
    }
    const { view } = this.#context
    const { subject } = claim
    const state = view.state(subject)
    const held = view.claim(subject)
    const next = merge(state, held, claim)
    if (held !== undefined && claim.incarnation > held.incarnation) {
      this.#suspicions.clear(subject, next === ALIVE, now)
    } else if (next === LEFT) {
      this.#suspicions.clear(subject, false, now)
    }
    if (state === UNKNOWN && view.size >= MAX_MEMBERS) {
      this.#forget(this.tombstones.takeOldest())
    }
    this.#set(subject, next, claim, now)
    this.#tell(subject, changeOf(state, next, held, claim), hops)
    return true
  }

  /** Takes a vote that counts. */
  vote(claim: Claim, hops: number, now: number): void {
    this.#context.counters.claimsAccepted++
    if (this.#suspicions.add(claim, now)) {
      this.#tell(claim.subject, ['suspect'], hops)
      this.#hooks.suspected(claim.subject, now)
    }
  }

  /** Suspicions whose time is over. */
  judge(now: number): void {
    for (const member of this.#suspicions.judge(now)) {
      this.#forget(this.tombstones.add(member, now))
      this.#hooks.ringChanged(member, now)
      this.#tell(member, ['dead'], 0)
    }
  }

  expire(now: number): void {
    for (const member of this.tombstones.takeExpired(now)) {
      this.#forget(member)
    }
  }

  #set(member: MemberIndex, state: State, claim: Claim, now: number): void {
    const { view, counters } = this.#context
    const moved = view.set(member, state, claim)
    counters.claimsAccepted++
    if (state === LEFT) {
      this.#forget(this.tombstones.add(member, now))
    } else {
      this.tombstones.delete(member)
      this.#hooks.revived(member)
    }
    if (moved) {
      this.#hooks.ringChanged(member, now)
    }
  }

  #tell(member: MemberIndex, types: readonly MemberChangeType[], hops: number): void {
    for (const type of types) {
      this.#context.effects.notify({ type, member, hops })
    }
  }

  #forget(member: MemberIndex | undefined): void {
    if (member !== undefined) {
      this.#context.view.set(member, UNKNOWN, undefined)
      this.#suspicions.clear(member, false, 0)
      this.#hooks.revived(member)
      this.#context.effects.forget?.(member)
    }
  }
}

function changeOf(state: State, next: State, held: Claim | undefined, claim: Claim): readonly MemberChangeType[] {
  if (next === LEFT) {
    return isLive(state) || state === DEAD ? ['leave'] : []
  }
  if (!isLive(state)) {
    return ['join']
  }
  const changes: MemberChangeType[] = []
  if (state === SUSPECT && next === ALIVE) {
    changes.push('alive')
  }
  if (!sameBytes(held?.metadata, claim.metadata)) {
    changes.push('update')
  }
  return changes
}

function sameBytes(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  if (one === other) {
    return true
  }
  return one?.length === other?.length && (one?.every((byte, place) => byte === other?.[place]) ?? false)
}
