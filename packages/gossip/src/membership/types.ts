/**
 * What the membership machine, its adapter to libp2p and its simulator share (SPEC.md#membership). All of it is plain
 * data: times are milliseconds of a clock that the caller passes in.
 */

/** A member's place in the roster: a small whole number that stays while the roster knows the member. */
export type MemberIndex = number

/** `dead` is concluded by each member for itself; it is never sent. */
export type Status = 'alive' | 'suspect' | 'dead' | 'left'

/** First 53 bits of the SHA-256 of a claim's signed bytes: names it in ids and digests. */
export type ClaimId = number

/** How an accuser noticed: pings went unanswered, or the connection was closed and the next one refused. */
export type Evidence = 'silent' | 'closed'

/**
 * One signed statement. `alive` and `left` are signed by their subject, `suspect` by its accuser, about one incarnation
 * of the subject. Claims are passed on as they were signed (`wire`), never rebuilt.
 */
export interface Claim {
  readonly kind: 'alive' | 'left' | 'suspect'
  readonly subject: MemberIndex
  /** Whole number below 2^53; grows with every life and every refutation. */
  readonly incarnation: number
  /** Who signed: the subject, or for `suspect` the accuser. */
  readonly signer: MemberIndex
  /** Only `suspect`. */
  readonly evidence?: Evidence
  /** Only `alive`: what the subject says about itself; at most `MAX_METADATA_BYTES`. */
  readonly metadata?: Uint8Array
  readonly id: ClaimId
  /** Bytes of `wire`. */
  readonly bytes: number
  /** The signed bytes as they travel. The machine does not look at them; a simulation leaves them empty. */
  readonly wire: Uint8Array
}

/** What the machine wants to have signed by this node. */
export type UnsignedClaim = Pick<Claim, 'kind' | 'subject' | 'incarnation' | 'evidence' | 'metadata'>

/** Are you there, and I am. */
export interface PingOrAck<T extends 'ping' | 'ack'> {
  readonly type: T
  /** 0 to 255; the ack has the ping's. */
  readonly nonce: number
  /** Claims that the sender has and did not push here. */
  readonly ids: readonly ClaimId[]
  /** Who the sender is, on a new link; what the receiver is accused of. */
  readonly claims: readonly Claim[]
}

/** One message between two linked members. Messages and their arrays are shared: whoever gets one must not change it. */
export type MembershipMessage =
  | PingOrAck<'ping'>
  | PingOrAck<'ack'>
  /** Claims on their way. `hops`: the longest way one of them has come, 1 from the signer, for convergence figures. */
  | {
      readonly type: 'push'
      readonly hops: number
      readonly claims: readonly Claim[]
      /** Not on the wire: ids of claims that the adapter left out because `isNews` was false. */
      readonly stale?: readonly ClaimId[]
    }
  /** Do not push to me for now: I hear it from others. */
  | { readonly type: 'prune' }
  /** Send me these (none: nothing for now), and push to me again. */
  | { readonly type: 'want'; readonly ids: readonly ClaimId[] }
  /** Anti-entropy, first step: one 32-bit hash a bucket (a power of two of them) of the live members in view. */
  | { readonly type: 'digest'; readonly members: number; readonly buckets: readonly number[] }
  /**
   * Second step, and third (`answer`): for the buckets that differ (numbers below `of`), the ids of the claims of live
   * members, and with the last bit flipped those of members that are held dead.
   */
  | {
      readonly type: 'summary'
      readonly of: number
      readonly buckets: readonly number[]
      readonly ids: readonly ClaimId[]
      readonly answer: boolean
    }
  /** What a comparison showed that the other lacks. `done`: no more for now; ends a newcomer's copy. */
  | { readonly type: 'sync'; readonly claims: readonly Claim[]; readonly done: boolean }

/** Why a link went down. `refused`: it was closed or reset, and the peer could not be reached again at once. */
export type LinkEnd = 'closed' | 'refused'

/** What the machine asks of the world. Calls come from inside the machine's own methods and must not call back into it. */
export interface MembershipEffects {
  /** On the link to that member; nothing happens when it is down. */
  send(to: MemberIndex, message: MembershipMessage): void
  /** Have a link, over a connection that is there or a new one; `linkUp` or `linkDown(…, 'refused')` answers. */
  link(to: MemberIndex): void
  /** The link is not needed any more. The connection stays if others use it. */
  unlink(to: MemberIndex): void
  /** Sign it: return it signed, or nothing and give it back with `signed()` later. */
  sign(claim: UnsignedClaim): Claim | undefined
  /** Something about a member changed as this node sees it. */
  notify(change: MemberChange): void
  /** This machine holds nothing about the member any more and has no link to it: its index may be given away. */
  forget?(member: MemberIndex): void
}

export type MemberChangeType = 'join' | 'leave' | 'suspect' | 'alive' | 'dead' | 'update'

export interface MemberChange {
  readonly type: MemberChangeType
  /** This node itself only in `leave`: enough neighbours have acknowledged that it leaves. */
  readonly member: MemberIndex
  /** Hops the claim took to here; 0 when it is this node's own conclusion or came by comparison. */
  readonly hops: number
}

/** What one member holds about another. */
export interface MemberRecord {
  readonly status: Status
  readonly incarnation: number
  /** The `alive` or `left` claim of that incarnation. */
  readonly claim: Claim
}

/** How a machine begins. */
export interface MachineStart {
  /** Above every incarnation this node ever had: `max(stored + 1, unix ms)`. */
  readonly incarnation: number
  /** What this node says about itself. */
  readonly metadata?: Uint8Array
  /**
   * Claims of a snapshot. They are not believed, only used to find somebody to ask: members are tried a few at a time
   * until one has answered with its view.
   */
  readonly contacts?: readonly Claim[]
  /** Claims taken as true without asking anybody, this node's own among them if it has one: for simulations. */
  readonly members?: readonly Claim[]
}

export interface MachineStats {
  readonly probes: number
  readonly acks: number
  /** Probes and verdicts that were void because this node itself was late or heard from nobody. */
  readonly voided: number
  readonly accusations: number
  readonly suspicions: number
  readonly verdicts: number
  readonly refutations: number
  readonly claimsAccepted: number
  readonly duplicates: number
  readonly pushes: number
  readonly prunes: number
  readonly wants: number
  readonly digests: number
  readonly synced: number
  /** Claims of accusers that are ignored for now, or beyond their share. */
  readonly refusedVotes: number
  /** 0: healthy, to `MAX_LOCAL_HEALTH`. Timeouts are `1 + localHealth` as long. */
  readonly localHealth: number
  readonly links: number
  /** Links that were asked of the adapter, and of those, that were refused. */
  readonly dials: number
  readonly dialsRefused: number
}

export interface MembershipMachine {
  readonly self: MemberIndex
  /** This node's incarnation; store it, to begin above it next time. */
  readonly incarnation: number
  start(now: number, how: MachineStart): void
  /** When `tick()` has something to do; `Infinity`: never. Read it after every call. */
  readonly wakeAt: number
  tick(now: number): void
  /**
   * The message is decoded and bounded, and every claim in it was verified, but for those for which `isNews` was false
   * (an adapter leaves them out and counts them in `stale`; a simulation passes everything).
   */
  receive(from: MemberIndex, message: MembershipMessage, now: number): void
  /** Whether the claim, coming from that peer, could change anything here: asked before its signature is verified. */
  isNews(claim: Claim, from: MemberIndex, now: number): boolean
  signed(claim: Claim, now: number): void
  linkUp(peer: MemberIndex, now: number): void
  linkDown(peer: MemberIndex, end: LinkEnd, now: number): void
  setMetadata(metadata: Uint8Array, now: number): void
  /** Asks for a signed `left` and tells all links; `notify({ type: 'leave', member: self })` when enough have heard. */
  leave(now: number): void
  /** Status `dead` and `left` for a while after. This node itself is not in the view. */
  record(member: MemberIndex): MemberRecord | undefined
  /** Smoothed round trip of the pings, if there is a link. */
  rtt(member: MemberIndex): number | undefined
  /** Others that are alive or suspect. */
  readonly liveCount: number
  /** Whether there is a record of it, or a link to it: else its index may be given to another. */
  holds(member: MemberIndex): boolean
  /** Others with a record. */
  members(): Iterable<MemberIndex>
  /** Claims of live members, what `start` takes as contacts; at most `MAX_CONTACTS`. */
  snapshot(): Claim[]
  stats(): MachineStats
}
