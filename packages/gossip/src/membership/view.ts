import { DIGEST_LEAVES } from './roster.ts'
import type { Roster } from './roster.ts'
import { isLive, UNKNOWN } from './state.ts'
import type { State } from './state.ts'
import { claimHash } from './digest.ts'
import type { Claim, MemberIndex } from './types.ts'

/** What one member holds about the others: a state and a claim each, and hashes of the live ones by leaf. */
export class View {
  readonly roster: Roster
  readonly states: Uint8Array
  /** XOR of the hashes of the claims of live members, by leaf. */
  readonly leaves = new Uint32Array(DIGEST_LEAVES)
  /** Live members, this one included once it has started. */
  liveCount = 0
  /** Members with a record. */
  size = 0
  readonly #claims: (Claim | undefined)[] = []

  constructor(roster: Roster) {
    this.roster = roster
    this.states = new Uint8Array(roster.capacity)
  }

  state(member: MemberIndex): State {
    return (this.states[member] ?? UNKNOWN) as State
  }

  claim(member: MemberIndex): Claim | undefined {
    return this.#claims[member]
  }

  isLive(member: MemberIndex): boolean {
    return isLive(this.states[member])
  }

  /** Returns whether the member came into the rings or went out of them. */
  set(member: MemberIndex, state: State, claim: Claim | undefined): boolean {
    const before = this.states[member]
    const wasLive = isLive(before)
    const live = isLive(state)
    const held = this.#claims[member]
    if (wasLive && held !== undefined && (!live || held !== claim)) {
      this.#toggle(member, held)
    }
    if (live && claim !== undefined && (!wasLive || held !== claim)) {
      this.#toggle(member, claim)
    }
    if (before === UNKNOWN || state === UNKNOWN) {
      this.size += (state === UNKNOWN ? 0 : 1) - (before === UNKNOWN ? 0 : 1)
    }
    this.states[member] = state
    while (this.#claims.length < member) {
      this.#claims.push(undefined)
    }
    this.#claims[member] = claim
    if (live !== wasLive) {
      this.liveCount += live ? 1 : -1
    }
    return live !== wasLive
  }

  *members(): Generator<MemberIndex> {
    for (let member = 0; member < this.#claims.length; member++) {
      if (this.states[member] !== UNKNOWN) {
        yield member
      }
    }
  }

  #toggle(member: MemberIndex, claim: Claim): void {
    const leaf = this.roster.leaf(member)
    this.leaves[leaf] = (this.leaves[leaf] ?? 0) ^ claimHash(claim.id)
  }
}
