import { seededRandom } from '@p2pshare/testkit'
import { BLOCK_BYTES } from '../../../src/constants.ts'
import { Bitfield } from '../../../src/swarm/bitfield.ts'
import type { Range } from '../../../src/swarm/bitfield.ts'
import type { PeerKey, PolicyEffect } from '../../../src/swarm/effects.ts'
import { SharePolicy } from '../../../src/swarm/policy.ts'
import type { Run } from '../../../src/wire/codec.ts'

export const MIB = 1024 * 1024

export interface PolicySetup {
  readonly leafCount: number
  readonly leafBytes?: number | ((leaf: number) => number)
  /** Held at first. @default none */
  readonly have?: Iterable<number>
  /** @default what is not held */
  readonly missing?: Iterable<number>
  readonly firstOffer?: number
  readonly seed?: string
  readonly canTake?: (peer: PeerKey) => boolean
  /** Leaves that a new peer is asked for at once. @default as many as it likes */
  readonly trust?: number
  /** What the caller's clock shows when they join. @default 0 */
  readonly startAt?: number
  /** Peers that have joined, with a round trip of 20 ms. */
  readonly peers?: readonly PeerKey[]
}

export function all(count: number): number[] {
  return [...Array(count).keys()]
}

export function fieldOf(length: number, leaves: Iterable<number>): Bitfield {
  const field = new Bitfield(length)
  for (const leaf of leaves) {
    field.set(leaf)
  }
  return field
}

export function policyOf(setup: PolicySetup): SharePolicy {
  const { leafCount, leafBytes = MIB, have = [], firstOffer = 0, canTake, trust = Infinity, startAt = 0 } = setup
  const held = fieldOf(leafCount, have)
  const random = seededRandom(setup.seed ?? 'policy')
  const policy = new SharePolicy({
    leafCount,
    leafBytes: typeof leafBytes === 'number' ? () => leafBytes : leafBytes,
    missing: setup.missing ?? all(leafCount).filter((leaf) => !held.has(leaf)),
    have: held,
    firstOffer,
    random: () => random.float(),
    trust,
    ...(canTake === undefined ? {} : { canTake })
  })
  for (const peer of setup.peers ?? []) {
    policy.peerJoined(peer, startAt, 20)
  }
  return policy
}

/** A node that has everything from the start, with an uplink of 1 MiB/s. */
export function seederOf(setup: Omit<PolicySetup, 'have' | 'missing'>): SharePolicy {
  const policy = policyOf({ ...setup, have: all(setup.leafCount), peers: [] })
  policy.setUploadCap(MIB, 0)
  for (const peer of setup.peers ?? []) {
    policy.peerJoined(peer, 0, 20)
  }
  return policy
}

type Typed<T extends PolicyEffect['type']> = Extract<PolicyEffect, { readonly type: T }>

export function ofType<T extends PolicyEffect['type']>(effects: readonly PolicyEffect[], type: T): Array<Typed<T>> {
  return effects.filter((effect): effect is Typed<T> => effect.type === type)
}

/** Leaves named in ranges to a peer. */
export function named(effects: readonly PolicyEffect[], type: 'have' | 'offer' | 'pass', peer: PeerKey): number[] {
  return effects.flatMap((effect) => (effect.type === type && effect.peer === peer ? expand(effect.ranges) : []))
}

export function runsTo(effects: readonly PolicyEffect[], type: 'request' | 'cancel' | 'reject', peer: PeerKey): Run[] {
  return effects.flatMap((effect) => (effect.type === type && effect.peer === peer ? effect.runs : []))
}

/** Leaves asked of a peer. */
export function requested(effects: readonly PolicyEffect[], peer: PeerKey): number[] {
  return runsTo(effects, 'request', peer).map(({ leaf }) => leaf)
}

/** Leaves granted to a peer, all together. */
export function granted(effects: readonly PolicyEffect[], peer: PeerKey): number {
  return ofType(effects, 'grant')
    .filter((grant) => grant.peer === peer)
    .reduce((sum, { leaves }) => sum + leaves, 0)
}

export function expand(ranges: readonly Range[]): number[] {
  return ranges.flatMap(({ start, count }) => all(count).map((at) => start + at))
}

export function wholeRun(leaf: number, leafBytes = MIB): Run {
  return { leaf, first: 0, count: Math.ceil(leafBytes / BLOCK_BYTES) }
}

/** The peer sends the whole leaf, and it is stored at once. */
export function deliver(
  policy: SharePolicy,
  leaf: number,
  peer: PeerKey,
  now: number,
  leafBytes = MIB
): PolicyEffect[] {
  return [...policy.onBlocks(peer, wholeRun(leaf, leafBytes), now), ...policy.onStored(leaf, now)]
}

/** Time goes by, with the ticks that the policy asks for and one each 200 ms. */
export function pass(policy: SharePolicy, from: number, to: number): PolicyEffect[] {
  const effects: PolicyEffect[] = []
  for (let now = from; now < to;) {
    now = Math.min(to, now + 200, Math.max(policy.wakeAt, now + 0.01))
    effects.push(...policy.tick(now))
  }
  return effects
}
