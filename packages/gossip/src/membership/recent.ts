import { MAX_RECENT_CLAIMS } from './bounds.ts'
import type { Claim, ClaimId } from './types.ts'

/** Who was asked for a claim and did not send it has so long before another one is asked. */
export const WANT_AGAIN_MS = 1_000

/**
 * Claims heard lately, for those that ask for them by id, and ids of claims that were no news, so that they are not
 * asked for. Two generations, each half of the bound.
 */
export class RecentClaims {
  #young = new Map<ClaimId, Claim | undefined>()
  #old = new Map<ClaimId, Claim | undefined>()
  #wanted = new Map<ClaimId, number>()

  has(id: ClaimId): boolean {
    return this.#young.has(id) || this.#old.has(id)
  }

  get(id: ClaimId): Claim | undefined {
    return this.#young.get(id) ?? this.#old.get(id)
  }

  add(id: ClaimId, claim?: Claim): void {
    this.#young.set(id, claim)
    if (this.#young.size >= MAX_RECENT_CLAIMS / 2) {
      this.#old = this.#young
      this.#young = new Map()
    }
  }

  /** Whether to ask for it now; if so, it counts as asked for. */
  want(id: ClaimId, now: number): boolean {
    if (this.has(id)) {
      return false
    }
    const asked = this.#wanted.get(id)
    if (asked !== undefined && now - asked < WANT_AGAIN_MS) {
      return false
    }
    if (this.#wanted.size >= MAX_RECENT_CLAIMS) {
      this.#wanted.clear()
    }
    this.#wanted.set(id, now)
    return true
  }
}
