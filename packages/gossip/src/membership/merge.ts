import { ALIVE, DEAD, LEFT, SUSPECT, UNKNOWN } from './state.ts'
import type { State } from './state.ts'
import type { Claim } from './types.ts'

/**
 * What a member's own claim makes of what is held about it: the new state, or `UNKNOWN` if the claim is no news. A
 * higher incarnation wins; at the same one `left` wins over dead, suspect and alive. A subject that signs two claims of
 * one kind for one incarnation gets the one with the larger id, whoever heard which first. Commutative, idempotent,
 * associative; nothing but a higher incarnation leads out of dead and left.
 */
export function merge(state: State, held: Claim | undefined, claim: Claim): State {
  if (claim.kind === 'suspect') {
    return UNKNOWN
  }
  const fresh = claim.kind === 'left' ? LEFT : ALIVE
  if (held === undefined || claim.incarnation > held.incarnation) {
    return fresh
  }
  if (claim.incarnation < held.incarnation) {
    return UNKNOWN
  }
  if (fresh === LEFT) {
    return state !== LEFT || claim.id > held.id ? LEFT : UNKNOWN
  }
  const standing = state === ALIVE || state === SUSPECT
  return standing && claim.id > held.id ? state : UNKNOWN
}

/** Whether evidence makes a live member dead: at the incarnation it is about, and only then. */
export function bury(state: State): State {
  return state === SUSPECT ? DEAD : state
}
