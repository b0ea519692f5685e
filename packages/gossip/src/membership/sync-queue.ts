import { DUE_SYNC, newDues } from './due.ts'
import { MAX_SYNC_CLAIMS, MAX_SYNC_QUEUE } from './bounds.ts'
import { Budget } from './budget.ts'
import { chunkClaims } from './push.ts'
import type { Claim, MemberIndex } from './types.ts'

/** What is due is gathered for so long: fewer, fuller messages. */
export const SYNC_GATHER_MS = 250

/** Seconds of the rate that may go at once. */
const BURST_SECONDS = 2

export interface SyncBatch {
  readonly to: MemberIndex
  readonly claims: readonly Claim[]
  /** Nothing more waits for this one. */
  readonly done: boolean
}

/**
 * What comparisons found that others lack: whose claims go to whom, at a bounded rate. The claims are looked up when it
 * is their turn, since they may have changed.
 */
export class SyncQueue {
  readonly #stride: number
  readonly #dues: Float64Array
  readonly #budget: Budget
  /** `to` and `member` in one number, in the order they came. */
  readonly #waiting = new Set<number>()
  readonly #waitingFor = new Map<MemberIndex, number>()

  constructor(capacity: number, bytesPerSecond: number, dues: Float64Array = newDues()) {
    this.#dues = dues
    this.#stride = capacity
    this.#budget = new Budget(bytesPerSecond, bytesPerSecond * BURST_SECONDS)
  }

  get dueAt(): number {
    return this.#dues[DUE_SYNC] ?? Infinity
  }

  set dueAt(at: number) {
    this.#dues[DUE_SYNC] = at
  }

  get size(): number {
    return this.#waiting.size
  }

  add(to: MemberIndex, member: MemberIndex, now: number): void {
    const key = to * this.#stride + member
    if (this.#waiting.size >= MAX_SYNC_QUEUE || this.#waiting.has(key)) {
      return
    }
    this.#waiting.add(key)
    this.#waitingFor.set(to, (this.#waitingFor.get(to) ?? 0) + 1)
    if (this.dueAt === Infinity) {
      this.dueAt = now
    }
  }

  isWaiting(to: MemberIndex): boolean {
    return this.#waitingFor.has(to)
  }

  /** What may go now. `claimsOf` says what stands behind a member's state; `isUp`, whether there is still a link. */
  take(
    now: number,
    claimsOf: (member: MemberIndex) => readonly Claim[],
    isUp: (to: MemberIndex) => boolean
  ): SyncBatch[] {
    const claims = new Map<MemberIndex, Claim[]>()
    let left = this.#budget.left(now)
    for (const key of this.#waiting) {
      if (left <= 0) {
        break
      }
      this.#waiting.delete(key)
      const to = Math.floor(key / this.#stride)
      this.#settle(to)
      if (!isUp(to)) {
        continue
      }
      const list = claims.get(to) ?? []
      for (const claim of claimsOf(key % this.#stride)) {
        list.push(claim)
        left -= claim.bytes
        this.#budget.spend(claim.bytes)
      }
      claims.set(to, list)
    }
    this.dueAt = this.#waiting.size === 0 ? Infinity : Math.max(now + SYNC_GATHER_MS, this.#budget.freeAt(now))
    return [...claims].flatMap(([to, list]) => batches(to, list, !this.isWaiting(to)))
  }

  #settle(to: MemberIndex): void {
    const waiting = this.#waitingFor.get(to) ?? 1
    if (waiting > 1) {
      this.#waitingFor.set(to, waiting - 1)
    } else {
      this.#waitingFor.delete(to)
    }
  }
}

/** Claims for one as messages; the last one says whether that is all. */
export function batches(to: MemberIndex, claims: readonly Claim[], done: boolean): SyncBatch[] {
  const chunks = chunkClaims(claims, MAX_SYNC_CLAIMS)
  return chunks.map((chunk, place) => ({ to, claims: chunk, done: done && place === chunks.length - 1 }))
}
