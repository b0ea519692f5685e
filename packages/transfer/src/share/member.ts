import type { Session } from '../session/session.ts'
import type { IndexBudget } from '../swarm/index-budget.ts'
import type { Message } from '../wire/codec.ts'
import type { Receiver } from './receiver.ts'
import type { Uploader } from './uploader.ts'

/** Messages of one peer kept until this node knows the map: a WANT and the HAVEs of a large share. */
export const MAX_EARLY_MESSAGES = 1024

/** A peer of one share, with what serves it. */
export interface SwarmMember {
  readonly session: Session
  readonly receiver: Receiver
  readonly uploader: Uploader
  /** Said before this node knew the map. */
  readonly early: Message[]
  /** How many leaves it may still name; made when the map is known. */
  budget?: IndexBudget
  /** It sent a WANT: it knows the map. */
  knowsMap: boolean
  /** It wants nothing, so two complete nodes need no session. */
  wantsNothing: boolean
}
