import { InvalidMessageError } from '@p2pshare/interface'
import type { LeafMap } from '../leaf-map.ts'
import { Bitfield } from '../swarm/bitfield.ts'
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
  switch (message.type) {
    case 'want': {
      const wants = new Bitfield(map.leafCount)
      for (const leaf of canonicalLeaves(map, message.ranges)) {
        wants.set(leaf)
      }
      member.wantsNothing = wants.count === 0
      return seed.onWant(peer, wants, now)
    }
    case 'have': {
      const leaves = canonicalLeaves(map, message.ranges)
      return [...seed.onHave(peer, leaves, now), ...leech.onHave(peer, leaves, now)]
    }
    case 'offer':
      return leech.onOffer(peer, canonicalLeaves(map, message.ranges), now)
    case 'grant':
      return leech.onGrant(peer, message.leaves, now)
    case 'pass':
      return seed.onPass(peer, canonicalLeaves(map, message.ranges), now)
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
