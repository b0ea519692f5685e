import type { PeerId, TypedEventTarget } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** `suspect`: some say it does not answer; `left`: it said goodbye itself; `dead`: it is gone without a word. */
export type MemberState = 'alive' | 'suspect' | 'dead' | 'left'

/** What a member says about itself, signed by it. All of it is a claim: who dials or prefers by it decides what to allow. */
export interface MemberMetadata {
  /** Where it can be dialled, each with its peer id at the end; at most 16. */
  readonly addresses: readonly Multiaddr[]
  /** What it does for others, for example `bootstrap`, `relay` or `seed`; at most 8 words. */
  readonly roles: readonly string[]
  /** Of its program, for people. */
  readonly version?: string
  /** How busy it is, from 0 to 100. */
  readonly load?: number
}

/** What this node knows of one peer. */
export interface Member {
  readonly id: PeerId
  readonly state: MemberState
  /** Milliseconds since the Unix epoch at which `state` was entered, by this node's clock. */
  readonly since: number
  /** Last measured round trip in milliseconds, if one was measured. */
  readonly rttMs?: number
  /** Grows with every life of the member, and when it refutes that it is dead. */
  readonly incarnation?: number
  /** Absent: it said nothing that could be read. */
  readonly metadata?: MemberMetadata
  /** Members through whose hands the news of `state` came, the sender included; 0 when this node concluded it itself. */
  readonly hops?: number
}

/** Changes as this node learns of them. */
export interface MembershipEvents {
  /** New, or back after it had left or was dead. */
  'member:join': CustomEvent<Member>
  /** It said goodbye. */
  'member:leave': CustomEvent<Member>
  /** Some say it does not answer. It may still refute that. */
  'member:suspect': CustomEvent<Member>
  /** It was suspected, and is not any more. */
  'member:alive': CustomEvent<Member>
  'member:dead': CustomEvent<Member>
  /** It says something else about itself. */
  'member:update': CustomEvent<Member>
}

/** Who is alive, as far as this node knows. Implemented by `@p2pshare/gossip`. */
export interface MembershipView extends TypedEventTarget<MembershipEvents> {
  members(): readonly Member[]
  /** `undefined`: never heard of. */
  member(peer: PeerId): Member | undefined
}
