import { DUE_PUSH } from './due.ts'
import { MAX_PUSH_CLAIMS, MAX_WANT_IDS } from './bounds.ts'
import type { Context } from './context.ts'
import type { Link } from './link.ts'
import type { Links } from './links.ts'
import { ALIVE } from './state.ts'
import {
  BURST_PER_SECOND,
  chunkClaims,
  ClaimRate,
  eagerCount,
  ONSET_PER_SECOND,
  ONSET_WINDOW_MS,
  RATE_WINDOW_MS
} from './push.ts'
import { RecentClaims } from './recent.ts'
import type { Claim, ClaimId, MemberIndex, MembershipMessage } from './types.ts'

/** A first claim waits so long for others that came with it. */
const GATHER_MS = 5
/** In a burst, pushes are so much further apart: what several bring meanwhile is sent on to fewer. */
const BURST_BATCHES = 2
const PRUNE: MembershipMessage = Object.freeze({ type: 'prune' })
const GRAFT: MembershipMessage = Object.freeze({ type: 'want', ids: [] })

/** Passes claims on: at once on the links that want them, by id on the others, and fetches what it only has ids of. */
export class Pusher {
  readonly #context: Context
  readonly #links: Links
  readonly #recent = new RecentClaims()
  readonly #rate = new ClaimRate(RATE_WINDOW_MS)
  /** Of what members say about themselves: who says that lives, and so do those that pass it on. */
  readonly #own = new ClaimRate(RATE_WINDOW_MS)
  readonly #ownLately = new ClaimRate(ONSET_WINDOW_MS)
  #claims: Claim[] = []
  /** Who each came from first. */
  #from: MemberIndex[] = []
  /** Where each is in `#claims`, and who else has sent it since: claim and member in one number. */
  readonly #places = new Map<ClaimId, number>()
  readonly #also = new Set<number>()
  #hops = 0
  #flushedAt = -Infinity

  constructor(context: Context, links: Links) {
    this.#context = context
    this.#links = links
  }

  /** When to flush. */
  get dueAt(): number {
    return this.#context.dues[DUE_PUSH] ?? Infinity
  }

  set dueAt(at: number) {
    this.#context.dues[DUE_PUSH] = at
  }

  get isWaiting(): boolean {
    return this.dueAt !== Infinity
  }

  /** A claim is news here. `hops`: of the way it came; `from` itself does not get it. */
  add(claim: Claim, from: MemberIndex, hops: number, now: number): void {
    this.#recent.add(claim.id, claim)
    this.#rate.add(now)
    if (claim.kind !== 'suspect') {
      this.#own.add(now)
      this.#ownLately.add(now)
    }
    this.#places.set(claim.id, this.#claims.length)
    this.#claims.push(claim)
    this.#from.push(from)
    this.#hops = Math.max(this.#hops, hops)
    const { batchMs } = this.#context.profile
    const soon = now + Math.min(GATHER_MS, batchMs)
    if (from === this.#context.self) {
      // what this node says waits for nothing: it may be accused
      this.dueAt = Math.min(this.dueAt, soon)
    } else if (this.dueAt === Infinity) {
      const gapMs = this.isBurst(now) ? BURST_BATCHES * batchMs : batchMs
      this.dueAt = Math.max(soon, this.#flushedAt + gapMs)
    }
  }

  /** A claim that is no news need not be asked for, nor sent to who has it. */
  seen(id: ClaimId, from: MemberIndex): void {
    const place = this.dueAt === Infinity ? undefined : this.#places.get(id)
    if (place !== undefined) {
      this.#also.add(place * this.#context.roster.capacity + from)
    } else if (!this.#recent.has(id)) {
      this.#recent.add(id)
    }
  }

  flush(now: number): void {
    const claims = this.#claims
    const from = this.#from
    const also = this.#also
    const { capacity } = this.#context.roster
    const hops = this.#hops + 1
    this.#claims = []
    this.#from = []
    this.#hops = 0
    this.dueAt = Infinity
    this.#flushedAt = now
    // most batches are one claim, and most links get the same message
    const whole = chunkClaims(claims, MAX_PUSH_CLAIMS).map((chunk) => pushOf(chunk, hops))
    for (const link of this.#links.up) {
      const { peer } = link
      const mixed = also.size > 0 || from.includes(peer)
      const rest = mixed
        ? claims.filter((_, place) => from[place] !== peer && !also.has(place * capacity + peer))
        : claims
      if (rest.length === 0) {
        continue
      }
      if (link.isLazy) {
        this.#sendLazily(link, rest, hops)
      } else {
        this.#send(link, mixed ? chunkClaims(rest, MAX_PUSH_CLAIMS).map((chunk) => pushOf(chunk, hops)) : whole)
      }
    }
    this.#places.clear()
    also.clear()
  }

  /** A push held little that was new. If enough others push to us, this link need not. */
  repeated(link: Link, now: number): void {
    if (!link.isPruned && this.#eagerLinks() > this.#eagerCount(now)) {
      this.#links.setPruned(link, true)
      this.#context.counters.prunes++
      this.#context.effects.send(link.peer, PRUNE)
    }
  }

  /** A link is new. In a burst, others bring everything already. */
  linked(link: Link, now: number): void {
    if (this.isBurst(now)) {
      this.repeated(link, now)
    }
  }

  /** Ids that came on a ping: ask for those that are unknown. */
  offered(link: Link, ids: readonly ClaimId[], now: number): void {
    const wanted = ids.filter((id) => this.#recent.want(id, now)).slice(0, MAX_WANT_IDS)
    if (wanted.length > 0) {
      const wasPruned = link.isPruned
      // it was faster than all that push to us
      this.#links.setPruned(link, false)
      this.#context.counters.wants++
      this.#context.effects.send(link.peer, { type: 'want', ids: wanted })
      if (wasPruned && this.isBurstOfLife(now)) {
        // where all wait for full batches, that says nothing
        this.repeated(link, now)
      }
    }
  }

  wanted(link: Link, ids: readonly ClaimId[]): void {
    link.isLazy = false
    const claims = ids.slice(0, MAX_WANT_IDS).flatMap((id) => this.#recent.get(id) ?? [])
    if (claims.length > 0) {
      this.#send(
        link,
        chunkClaims(claims, MAX_PUSH_CLAIMS).map((chunk) => pushOf(chunk, 1))
      )
    }
  }

  /** Claims are rarer than they were, or links fewer: let one more push to us. */
  regrow(now: number): void {
    const { up, pruned } = this.#links
    if (pruned > 0 && this.#eagerLinks() + 1 <= this.#eagerCount(now)) {
      const link = up.find(({ isPruned, peer }) => isPruned && this.#isSound(peer))
      if (link !== undefined) {
        this.#links.setPruned(link, false)
        this.#context.effects.send(link.peer, GRAFT)
      }
    }
  }

  /** Many claims have come lately, and some may have been missed. */
  isBurst(now: number): boolean {
    return this.#rate.at(now) >= BURST_PER_SECOND || this.isBurstOfLife(now)
  }

  /** Not of votes: where many are accused at once, the only one that pushes to us may be among those that are gone. */
  isBurstOfLife(now: number): boolean {
    return this.#own.at(now) >= BURST_PER_SECOND || this.#ownLately.at(now) >= ONSET_PER_SECOND
  }

  /** Links that push to us, of those whose other end is not suspected: from there nothing may come. */
  #eagerLinks(): number {
    let count = 0
    for (const { isPruned, peer } of this.#links.up) {
      count += !isPruned && this.#isSound(peer) ? 1 : 0
    }
    return count
  }

  #isSound(peer: MemberIndex): boolean {
    return this.#context.view.states[peer] === ALIVE
  }

  #eagerCount(now: number): number {
    return eagerCount(this.#rate.at(now), this.isBurstOfLife(now), this.#context.profile.pushBytesPerSecond)
  }

  /** The ids, but what this node says and what the peer itself is accused of: that decides who lives. */
  #sendLazily(link: Link, claims: readonly Claim[], hops: number): void {
    const { self } = this.#context
    const urgent: Claim[] = []
    for (const claim of claims) {
      if (claim.signer === self || claim.subject === link.peer) {
        urgent.push(claim)
      } else {
        link.addId(claim.id)
      }
    }
    if (urgent.length > 0) {
      this.#send(
        link,
        chunkClaims(urgent, MAX_PUSH_CLAIMS).map((chunk) => pushOf(chunk, hops))
      )
    }
  }

  #send(link: Link, messages: readonly MembershipMessage[]): void {
    for (const message of messages) {
      this.#context.counters.pushes++
      this.#context.effects.send(link.peer, message)
    }
  }
}

function pushOf(claims: readonly Claim[], hops: number): MembershipMessage {
  return { type: 'push', hops, claims }
}
