import type { Session } from '../session/session.ts'
import type { IndexBudget } from '../swarm/index-budget.ts'
import type { EarlyMessages } from './early-messages.ts'
import type { OwedBlocks } from './owed-blocks.ts'
import type { Receiver } from './receiver.ts'

/** A peer of one share, with what serves it. */
export interface SwarmMember {
  readonly session: Session
  readonly receiver: Receiver
  /** Blocks that it was asked for. */
  readonly owed: OwedBlocks
  /** Said before this node knew the map. */
  readonly early: EarlyMessages
  /** How many leaves it may still name; made when the map is known. */
  budget?: IndexBudget
  /** Bytes of bodies that came from it. */
  received: number
  /** It sent a WANT: it knows the map. */
  knowsMap: boolean
  /** It wants nothing, so two complete nodes need no session. */
  wantsNothing: boolean
}
