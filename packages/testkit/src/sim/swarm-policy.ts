/** Leaves `[start, start + count)`. */
export interface SimRange {
  readonly start: number
  readonly count: number
}

/** Blocks `[first, first + count)` of a leaf. */
export interface SimRun {
  readonly leaf: number
  readonly first: number
  readonly count: number
}

/** What a policy wants done; the same shapes as `PolicyEffect` of `@p2pshare/transfer/policy`. */
export type SwarmEffect =
  | { readonly type: 'have' | 'offer' | 'pass'; readonly peer: string; readonly ranges: readonly SimRange[] }
  | { readonly type: 'grant'; readonly peer: string; readonly leaves: number }
  | { readonly type: 'request' | 'cancel'; readonly peer: string; readonly runs: readonly SimRun[] }
  | { readonly type: 'reject'; readonly peer: string; readonly runs: readonly SimRun[]; readonly reason: string }
  | { readonly type: 'verify' | 'forget'; readonly leaf: number }
  | { readonly type: 'drop'; readonly peer: string; readonly reason: string }

/**
 * Who is asked for what and who is sent what, in one share: what `SharePolicy` of `@p2pshare/transfer/policy` is. A
 * policy of your own runs in the same simulations when it has this shape. Times are in milliseconds.
 */
export interface SwarmPolicy {
  /** When `tick` is to be called. */
  readonly wakeAt: number
  /** Leaves still missing. */
  readonly missing: number
  takes(leaf: number, block: number, peer: string): boolean
  setUploadCap(bytesPerSecond: number | undefined, now: number): readonly SwarmEffect[]
  peerJoined(peer: string, now: number, rttMs?: number): readonly SwarmEffect[]
  peerLeft(peer: string, now: number): readonly SwarmEffect[]
  onWant(peer: string, leaves: Iterable<number>, now: number): readonly SwarmEffect[]
  onHave(peer: string, leaves: Iterable<number>, now: number): readonly SwarmEffect[]
  onOffer(peer: string, leaves: readonly number[], now: number): readonly SwarmEffect[]
  onGrant(peer: string, leaves: number, now: number): readonly SwarmEffect[]
  onPass(peer: string, leaves: readonly number[], now: number): readonly SwarmEffect[]
  onRequest(peer: string, runs: readonly SimRun[], now: number): readonly SwarmEffect[]
  onCancel(peer: string, runs: readonly SimRun[], now: number): readonly SwarmEffect[]
  onReject(peer: string, runs: readonly SimRun[], busy: boolean, now: number): readonly SwarmEffect[]
  onBlocks(peer: string, run: SimRun, now: number): readonly SwarmEffect[]
  onStored(leaf: number, now: number): readonly SwarmEffect[]
  take(
    canTake: (peer: string) => boolean,
    maxBlocks: (peer: string) => number,
    now: number
  ): { readonly peer: string; readonly run: SimRun } | undefined
  onSent(peer: string, bytes: number, now: number): readonly SwarmEffect[]
  tick(now: number): readonly SwarmEffect[]
}

/** What nodes of the swarm model say to each other. */
export type SwarmMessage =
  { readonly type: 'want'; readonly ranges: readonly SimRange[] } | Extract<SwarmEffect, { readonly peer: string }>
