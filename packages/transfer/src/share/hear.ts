import { InvalidMessageError } from '@p2pshare/interface'
import type { LeafMap } from '../leaf-map.ts'
import type { Range } from '../swarm/bitfield.ts'
import type { PolicyEffect } from '../swarm/effects.ts'
import { IndexBudget } from '../swarm/index-budget.ts'
import type { SharePolicy } from '../swarm/policy.ts'
import type { Message } from '../wire/codec.ts'
import { canonicalLeaves, canonicalRuns } from './content.ts'
import type { SwarmMember } from './member.ts'

/** A share whose map is known, and what decides for it. */
export interface Hearing {
  readonly map: LeafMap
  readonly policy: SharePolicy
}

/**
 * Give one message of a peer to the policy, in canonical leaves. Throws `InvalidMessageError` for what is outside the
 * share or out of place.
 */
export function hear(
  { map, policy }: Hearing,
  member: SwarmMember,
  message: Message,
  now: number
): readonly PolicyEffect[] {
  const peer = member.session.key
  const named = (ranges: readonly Range[]): number[] => leavesNamed(map, member, ranges, now)
  switch (message.type) {
    case 'want':
      return hearWant(policy, member, message, named(message.ranges), now)
    case 'have':
      return policy.onHave(peer, named(message.ranges), now)
    case 'offer':
      return policy.onOffer(peer, named(message.ranges), now)
    case 'grant':
      return policy.onGrant(peer, message.leaves, now)
    case 'pass':
      return policy.onPass(peer, named(message.ranges), now)
    case 'request':
      return policy.onRequest(peer, canonicalRuns(map, message.runs), now)
    case 'cancel':
      return policy.onCancel(peer, canonicalRuns(map, message.runs), now)
    case 'reject':
      return policy.onReject(peer, canonicalRuns(map, message.runs), message.reason === 'busy', now)
    default:
      throw new InvalidMessageError(`${message.type} in the middle of a session`)
  }
}

function hearWant(
  policy: SharePolicy,
  member: SwarmMember,
  { adds, urgent }: Message & { type: 'want' },
  leaves: readonly number[],
  now: number
): readonly PolicyEffect[] {
  const peer = member.session.key
  if (adds === true) {
    member.wantsNothing &&= leaves.length === 0
    return policy.onMoreWant(peer, leaves, now, urgent)
  }
  member.wantsNothing = leaves.length === 0
  return policy.onWant(peer, leaves, now, urgent)
}

/** Canonical leaves of ranges; what a peer may name in a while is bounded, since a few bytes can name millions. */
function leavesNamed(map: LeafMap, member: SwarmMember, ranges: readonly Range[], now: number): number[] {
  member.budget ??= new IndexBudget(map.leafCount, now)
  const indices = ranges.reduce((sum, { count }) => sum + count, 0)
  if (!member.budget.take(indices, now)) {
    throw new InvalidMessageError('the peer names more leaves than it may')
  }
  return canonicalLeaves(map, ranges)
}
