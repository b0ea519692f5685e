import type { AbortOptions, PeerId } from '@libp2p/interface'

/** What a peer can do that is held against it: bytes with another hash, and what SPEC.md says no peer may send. */
export type Offence = 'wrong-bytes' | 'broken-rules'

/** Why a peer is banned: what it did, or because the user said so. */
export type BanReason = Offence | 'user'

/** A peer that this node does not ask, serve or dial for content. */
export interface Ban {
  readonly peer: PeerId
  readonly reason: BanReason
  /** Milliseconds since 1970. */
  readonly since: number
  /** The same, when it ends by itself; absent: it does not. */
  readonly until?: number
  /** How often it did that; 0 when the user banned it. */
  readonly count: number
}

/** How a peer is banned by hand. */
export interface BanOptions extends AbortOptions {
  /** How long, in milliseconds; `MAX_USER_BAN_MS` (100 years) at most. @default Infinity */
  durationMs?: number
}
