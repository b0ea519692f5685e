/**
 * Why a link went down, as the machine of `@p2pshare/gossip/membership` hears it. `refused`: it never came up, or it was lost
 * and the peer's host says that nobody listens any more.
 */
export type MemberLinkEnd = 'closed' | 'refused'

/** Something about a member changed, as one node sees it; the same shape as the shipped machine's `MemberChange`. */
export interface MemberNews {
  readonly type: 'join' | 'leave' | 'suspect' | 'alive' | 'dead' | 'update'
  readonly member: number
  /** Hops that the news took; 0 when it is this node's own conclusion. */
  readonly hops: number
}

/**
 * What decides for one member of a simulation: what `MembershipMachine` of `@p2pshare/gossip/membership` is. Members
 * are numbers. All calls come from the network, one after the other, in virtual time (milliseconds).
 */
export interface MemberBrain<Message> {
  /** When `tick` has something to do; `Infinity`: never. Read after each call. */
  readonly wakeAt: number
  tick(now: number): void
  receive(from: number, message: Message, now: number): void
  linkUp(peer: number, now: number): void
  linkDown(peer: number, end: MemberLinkEnd, now: number): void
  /** Say goodbye; the network takes the node away some time later. */
  leave(now: number): void
}

/** What the network does for one node. A brain may call it from inside its own methods. */
export interface MemberPort<Message> {
  /** This node's number. */
  readonly self: number
  /** On the link to that member; nothing happens when it is down. `bytes`: as they travel, without overhead. */
  send(to: number, message: Message, bytes: number): void
  /** Have a link: `linkUp` or `linkDown` answers. */
  link(to: number): void
  unlink(to: number): void
  /** What the node does now keeps its process busy for so long; only where processors are modelled. */
  work(ms: number): void
  /** Runs after the call that is under way, as a signature that was asked for does. */
  soon(callback: (now: number) => void): void
}
