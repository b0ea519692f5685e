import { InvalidMessageError } from '@p2pshare/interface'
import type { LeafMap } from '../leaf-map.ts'
import { Bitfield } from '../swarm/bitfield.ts'
import type { Range } from '../swarm/bitfield.ts'
import { IndexBudget } from '../swarm/index-budget.ts'
import type { Leech, LeechEffect } from '../swarm/leech.ts'
import type { Seed, SeedEffect } from '../swarm/seed.ts'
import type { Message } from '../wire/codec.ts'
import { canonicalLeaves, checkRuns } from './content.ts'
import type { SwarmMember } from './member.ts'

/** The machines of a share whose map is known. */
export interface Machines {
  readonly map: LeafMap
  readonly leech: Leech
  readonly seed: Seed
}

export type SwarmEffect = LeechEffect | SeedEffect

/**
 * Give one message of a peer to the machines, in canonical leaves, and its requests to the peer's uploader. Throws
 * `InvalidMessageError` for what is outside the share or out of place.
 */
export function hear(
  { map, leech, seed }: Machines,
  member: SwarmMember,
  message: Message,
  now: number
): readonly SwarmEffect[] {
  const peer = member.session.key
  const named = (ranges: readonly Range[]): number[] => leavesNamed(map, member, ranges, now)
  switch (message.type) {
    case 'want':
      return hearWant({ map, leech, seed }, member, message, now)
    case 'have': {
      const leaves = named(message.ranges)
      return [...seed.onHave(peer, leaves, now), ...leech.onHave(peer, leaves, now)]
    }
    case 'offer':
      return leech.onOffer(peer, named(message.ranges), now)
    case 'grant':
      return leech.onGrant(peer, message.leaves, now)
    case 'pass':
      return seed.onPass(peer, named(message.ranges), now)
    case 'request':
      checkRuns(map, message.runs)
      seed.onProgress(peer, now)
      member.uploader.request(message.runs)
      return []
    case 'cancel':
      member.uploader.cancel(message.runs)
      return []
    case 'reject': {
      checkRuns(map, message.runs)
      const leaves = message.runs.map((run) => run.leaf)
      for (const leaf of leaves) {
        member.receiver.forget(leaf)
      }
      return leech.onReject(peer, leaves, now, message.reason === 'busy')
    }
    default:
      throw new InvalidMessageError(`${message.type} in the middle of a session`)
  }
}

function hearWant(
  { map, seed }: Machines,
  member: SwarmMember,
  { ranges, adds }: Message & { type: 'want' },
  now: number
): readonly SwarmEffect[] {
  const leaves = leavesNamed(map, member, ranges, now)
  if (adds === true) {
    member.wantsNothing &&= leaves.length === 0
    return seed.onMoreWant(member.session.key, leaves, now)
  }
  const wants = new Bitfield(map.leafCount)
  for (const leaf of leaves) {
    wants.set(leaf)
  }
  member.wantsNothing = leaves.length === 0
  return seed.onWant(member.session.key, wants, now)
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
