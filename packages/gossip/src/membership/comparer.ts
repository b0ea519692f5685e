import { MAX_SUMMARY_IDS } from './bounds.ts'
import { Budget } from './budget.ts'
import { NO_CLAIMS } from './context.ts'
import type { Context } from './context.ts'
import { bucketCount, deadId, differing, foldLeaves, isBucketCount } from './digest.ts'
import { DIGEST_LEAVES } from './roster.ts'
import { DEAD } from './state.ts'
import { batches, SyncQueue } from './sync-queue.ts'
import type { Claim, ClaimId, MemberIndex, MembershipMessage } from './types.ts'

/** Whole views sent to newcomers: beyond it they get what they lack at the pace of comparisons. */
export const COPY_BYTES_PER_SECOND = 256 * 1024
export const COPY_BURST_BYTES = 8 * 1024 * 1024

/** Who knows less than this part of what we know gets all of it instead of a comparison. */
const NEWCOMER_PART = 1 / 4

/** Who died in the last so many comparisons' time and is alive elsewhere was missed there: they are told at once. */
const FRESH_INTERVALS = 2

/** Else it is argued about after so many: after a partition members mostly come back by themselves. */
const DISPUTE_INTERVALS = 1.5

/** Unless views differ by so few: that is no partition, and one pair of links compares once in ten minutes. */
export const FEW_DISPUTES = 8

export interface ComparerHooks {
  /** What stands behind the state of a member. */
  readonly claimsOf: (member: MemberIndex) => readonly Claim[]
  readonly isUp: (peer: MemberIndex) => boolean
  /** When a member was dead here. */
  readonly goneSince: (member: MemberIndex) => number
  /** Suspected here, with fewer votes than could be. */
  readonly lacksVotes: (member: MemberIndex) => boolean
}

/** Compares views, and sends what the other lacks. Tombstones are not compared, only used. */
export class Comparer {
  readonly queue: SyncQueue
  readonly #context: Context
  readonly #hooks: ComparerHooks
  readonly #copies: Budget
  /** Dead here and alive elsewhere, since when. */
  readonly #disputes = new Map<MemberIndex, number>()

  constructor(context: Context, hooks: ComparerHooks) {
    this.#context = context
    this.#hooks = hooks
    this.queue = new SyncQueue(context.roster.capacity, context.profile.syncBytesPerSecond, context.dues)
    this.#copies = new Budget(COPY_BYTES_PER_SECOND, COPY_BURST_BYTES)
  }

  /** First step. */
  start(peer: MemberIndex): void {
    const { view, counters, effects } = this.#context
    const members = view.liveCount
    counters.digests++
    effects.send(peer, { type: 'digest', members, buckets: foldLeaves(view.leaves, bucketCount(members)) })
  }

  digest(from: MemberIndex, members: number, buckets: readonly number[], now: number): void {
    const { view, effects } = this.#context
    if (!isBucketCount(buckets.length)) {
      return
    }
    if (members <= Math.max(1, view.liveCount * NEWCOMER_PART) && this.#copies.left(now) > 0) {
      this.#copy(from)
      return
    }
    const different = differing(buckets, view.leaves)
    if (different.length === 0) {
      effects.send(from, { type: 'sync', claims: NO_CLAIMS, done: true })
    } else {
      effects.send(from, this.#summary(buckets.length, different, false))
    }
  }

  summary(
    from: MemberIndex,
    { of, buckets, ids, answer }: MembershipMessage & { readonly type: 'summary' },
    now: number
  ): void {
    if (!isBucketCount(of) || buckets.length > of) {
      return
    }
    const { view, roster, effects } = this.#context
    const theirs = new Set<ClaimId>(ids)
    const disputed: MemberIndex[] = []
    let known = 0
    let owed = 0
    let mourned = 0
    let lacksVotes = false
    for (const member of this.#inBuckets(of, new Set(buckets))) {
      const claim = view.claim(member)
      if (claim === undefined) {
        continue
      }
      const holdsIt = theirs.has(claim.id)
      const holdsItDead = theirs.has(deadId(claim.id))
      known += holdsIt || holdsItDead ? 1 : 0
      if (view.isLive(member) && holdsItDead) {
        mourned++
        lacksVotes ||= this.#hooks.lacksVotes(member)
      } else if (view.isLive(member) && !holdsIt) {
        owed++
        this.queue.add(from, member, now)
      } else if (view.state(member) === DEAD && holdsIt) {
        disputed.push(member)
      }
    }
    for (const member of disputed) {
      this.#dispute(from, member, disputed.length <= FEW_DISPUTES, now)
    }
    // whom they hold dead and we do not: they have votes that we missed, and send them if we say so
    const missesVotes = lacksVotes || (mourned > 0 && mourned <= FEW_DISPUTES)
    if (!answer && (known < theirs.size || missesVotes)) {
      effects.send(from, this.#summary(of, buckets, true))
    }
    if (owed === 0) {
      effects.send(from, { type: 'sync', claims: NO_CLAIMS, done: true })
    }
    this.#forgetDisputes(roster.capacity)
  }

  /** A claim came by comparison that is older than what is held here. */
  outdated(from: MemberIndex, member: MemberIndex, now: number): void {
    if (this.#context.view.state(member) === DEAD) {
      this.#dispute(from, member, false, now)
    } else {
      this.queue.add(from, member, now)
    }
  }

  /** It is not dead any more, or forgotten. */
  settled(member: MemberIndex): void {
    this.#disputes.delete(member)
  }

  flush(now: number): void {
    for (const { to, claims, done } of this.queue.take(now, this.#hooks.claimsOf, this.#hooks.isUp)) {
      this.#send(to, claims, done)
    }
  }

  #copy(to: MemberIndex): void {
    const { view } = this.#context
    const claims: Claim[] = []
    for (const member of view.members()) {
      if (view.isLive(member)) {
        claims.push(...this.#hooks.claimsOf(member))
      }
    }
    for (const batch of batches(to, claims, true)) {
      for (const { bytes } of batch.claims) {
        this.#copies.spend(bytes)
      }
      this.#send(to, batch.claims, batch.done)
    }
  }

  #send(to: MemberIndex, claims: readonly Claim[], done: boolean): void {
    this.#context.counters.synced += claims.length
    this.#context.effects.send(to, { type: 'sync', claims, done })
  }

  /** It is dead here and alive there. */
  #dispute(from: MemberIndex, member: MemberIndex, areFew: boolean, now: number): void {
    const { digestIntervalMs } = this.#context.profile
    const since = this.#disputes.get(member) ?? now
    this.#disputes.set(member, since)
    const isFresh = now - this.#hooks.goneSince(member) < digestIntervalMs * FRESH_INTERVALS
    if (areFew || isFresh || now - since >= digestIntervalMs * DISPUTE_INTERVALS) {
      this.queue.add(from, member, now)
    }
  }

  #forgetDisputes(most: number): void {
    if (this.#disputes.size > most) {
      this.#disputes.clear()
    }
  }

  #summary(of: number, buckets: readonly number[], answer: boolean): MembershipMessage {
    const { view, random } = this.#context
    const ids: ClaimId[] = []
    const named: number[] = []
    // another start each time: what did not fit is compared later
    const start = Math.floor(random() * buckets.length)
    for (let step = 0; step < buckets.length && ids.length < MAX_SUMMARY_IDS; step++) {
      const bucket = buckets[(start + step) % buckets.length] ?? 0
      const before = ids.length
      for (const member of this.#inBuckets(of, [bucket])) {
        const claim = view.claim(member)
        if (claim !== undefined && (view.isLive(member) || view.state(member) === DEAD)) {
          ids.push(view.isLive(member) ? claim.id : deadId(claim.id))
        }
      }
      if (ids.length > MAX_SUMMARY_IDS && named.length > 0) {
        ids.length = before
        break
      }
      named.push(bucket)
    }
    ids.length = Math.min(ids.length, MAX_SUMMARY_IDS)
    return { type: 'summary', of, buckets: named, ids, answer }
  }

  *#inBuckets(of: number, buckets: Iterable<number>): Generator<MemberIndex> {
    const { roster } = this.#context
    for (const bucket of buckets) {
      for (let leaf = bucket; leaf >= 0 && leaf < DIGEST_LEAVES; leaf += of) {
        yield* roster.inLeaf(leaf)
      }
    }
  }
}
