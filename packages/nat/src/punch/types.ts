import type { FilteringBehaviour, MappingBehaviour, PortPool, Strategy } from '../types.ts'

/**
 * How a node came by an address of its own: `interface`, a network interface that is not public; `open`, one that
 * everybody can send to; `forwarded`, a port that a router was asked for; `outside`, where a server saw a socket.
 */
export type CandidateKind = 'interface' | 'open' | 'forwarded' | 'outside'

/** An address where a node may be reached. */
export interface Candidate {
  readonly kind: CandidateKind
  readonly transport: 'udp' | 'tcp'
  readonly family: 4 | 6
  /** As `normaliseHost` writes it. */
  readonly host: string
  readonly port: number
}

/** What the other end has to know of a NAT. */
export interface NatView {
  readonly family: 4 | 6
  readonly udp: boolean
  readonly mapping?: MappingBehaviour
  readonly filtering?: FilteringBehaviour
  readonly pool?: PortPool
  /** The ports outside are not those inside. */
  readonly changesPorts?: true
}

/** What one end says about itself before a punch. */
export interface Description {
  readonly candidates: readonly Candidate[]
  readonly nats: readonly NatView[]
  /** Stream ids that are reserved for the connections of this attempt, in the order of their use. */
  readonly streamIds: readonly number[]
  /** What it can take part in. */
  readonly ways: readonly Strategy[]
}

/** The one who asked is the initiator: it chooses the path, and takes the dialler's part in handshakes. */
export type Role = 'initiator' | 'responder'

/** The messages of `PUNCH_PROTOCOL`. */
export type PunchMessage =
  | { readonly type: 'ask'; readonly attempt: Uint8Array; readonly secret: Uint8Array; readonly about: Description }
  | { readonly type: 'answer'; readonly secret: Uint8Array; readonly about: Description }
  | { readonly type: 'go' }
  | { readonly type: 'refused'; readonly refusal: 'superseded' | 'busy' }
