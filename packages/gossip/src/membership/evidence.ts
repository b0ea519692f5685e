import { MAX_PING_CLAIMS } from './bounds.ts'
import { NO_CLAIMS } from './context.ts'
import { ALIVE, DEAD, LEFT, SUSPECT } from './state.ts'
import type { Suspicions } from './suspicions.ts'
import type { Claim, MemberIndex } from './types.ts'
import type { View } from './view.ts'

/**
 * What is said to a member about itself whenever it is met: one of the votes while it is suspected, more when it is held
 * dead, its goodbye when it has left. If it lives, it refutes that at once. Nearly always nothing.
 */
export function claimsFor(
  view: View,
  suspicions: Suspicions,
  peer: MemberIndex,
  random: () => number
): readonly Claim[] {
  const state = view.states[peer]
  if (state === ALIVE || state === undefined) {
    return NO_CLAIMS
  }
  if (state === SUSPECT) {
    const votes = suspicions.votes(peer)
    const vote = votes[Math.floor(random() * votes.length)]
    return vote === undefined ? NO_CLAIMS : [vote]
  }
  if (state === DEAD) {
    return suspicions.votes(peer).slice(0, MAX_PING_CLAIMS - 1)
  }
  const claim = view.claim(peer)
  return state === LEFT && claim !== undefined ? [claim] : NO_CLAIMS
}

/** The claims behind a member's state, for somebody who holds something else: what it takes to convince. */
export function claimsOf(view: View, suspicions: Suspicions, member: MemberIndex): readonly Claim[] {
  const claim = view.claim(member)
  if (claim === undefined) {
    return NO_CLAIMS
  }
  switch (view.state(member)) {
    case SUSPECT:
      return [claim, ...suspicions.votes(member)]
    case DEAD:
      return suspicions.votes(member)
    default:
      return [claim]
  }
}
