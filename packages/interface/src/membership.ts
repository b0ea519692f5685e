import type { PeerId, TypedEventTarget } from '@libp2p/interface'

/** `suspect`: some say it does not answer; `left`: it said goodbye itself; `dead`: it is gone without a word. */
export type MemberState = 'alive' | 'suspect' | 'dead' | 'left'

/** What this node knows of one peer. */
export interface Member {
  readonly id: PeerId
  readonly state: MemberState
  /** Milliseconds since the Unix epoch at which `state` was entered, by this node's clock. */
  readonly since: number
  /** Last measured round trip in milliseconds, if one was measured. */
  readonly rttMs?: number
}

/** Changes as this node learns of them. */
export interface MembershipEvents {
  'member:join': CustomEvent<Member>
  'member:leave': CustomEvent<Member>
  'member:dead': CustomEvent<Member>
}

/** Who is alive, as far as this node knows. Implemented by `@p2pshare/gossip`. */
export interface MembershipView extends TypedEventTarget<MembershipEvents> {
  members(): readonly Member[]
  /** `undefined`: never heard of. */
  member(peer: PeerId): Member | undefined
}
