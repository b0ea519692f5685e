import { InvalidOptionError } from '@p2pshare/interface'
import { checkMetadata } from './members/own-metadata.ts'
import { PROFILES } from './membership/profile.ts'
import type { ProfileName } from './membership/profile.ts'

/** What the user of `gossip()` may choose. */
export interface GossipInit {
  /**
   * How fast the network is, and so how long silence may last before a member is suspected and dead: `wan` for the
   * internet, `lan` for one local network (probes each second, suspicions half as long), `local` for tests on one machine
   * (seconds become tenths). Members of one network should have the same; SPEC.md has the numbers.
   *
   * @default 'wan'
   */
  profile?: ProfileName

  /**
   * Name of the network that this node is a member of: up to 64 letters, digits, dots, dashes and underscores. Nodes of
   * different names leave each other alone, and claims of one mean nothing in the other. The empty name is a network too.
   *
   * @default ''
   */
  network?: string

  /**
   * What this node does for others, for example `bootstrap`, `relay` or `seed`: at most 8 words of 32 characters, signed
   * and told to every member.
   *
   * @default []
   */
  roles?: readonly string[]

  /**
   * Version of this program, for people who look at the members: up to 64 characters. The empty one is not told.
   *
   * @default ''
   */
  version?: string

  /**
   * Time between two announcements of this node in the topic of a share, in milliseconds. A lower value makes a peer that
   * left without a word forgotten sooner, and costs a message per share each time.
   *
   * @default 60_000
   */
  announceIntervalMs?: number

  /**
   * How long `stop()` may take to say goodbye, in milliseconds; it takes a round trip. Without a goodbye others see this
   * node die. `0` says none.
   *
   * @default 1_000
   */
  leaveTimeoutMs?: number

  /**
   * Shares whose peers are exchanged at the same time. Each is one topic, and other nodes take about 1,000 topics from
   * one peer before they silently ignore the rest.
   *
   * @default 512
   */
  maxShares?: number

  /**
   * Weight of gossipsub's penalty for many peers on one IP address, zero or negative. With `0` nodes on one machine, in
   * one LAN or behind one carrier NAT hear each other; a public network under Sybil attack wants `-5`, which silences
   * the eleventh peer of an address and those after it.
   *
   * @default 0
   */
  ipColocationWeight?: number
}

/** The defaults of `GossipInit`. */
export const gossipDefaults: Readonly<Required<GossipInit>> = Object.freeze({
  profile: 'wan',
  network: '',
  roles: [],
  version: '',
  announceIntervalMs: 60_000,
  leaveTimeoutMs: 1_000,
  maxShares: 512,
  ipColocationWeight: 0
})

/** Options with every default filled in. */
export type GossipOptions = Readonly<Required<GossipInit>>

/** A week: three of the longest interval still fit the delay that a timer takes. */
const MAX_MS = 7 * 24 * 60 * 60 * 1000

const RANGES = {
  announceIntervalMs: [100, MAX_MS],
  leaveTimeoutMs: [0, MAX_MS],
  maxShares: [1, 900]
} as const

/** It stands in a protocol id. */
const NETWORK = /^[\w.-]{0,64}$/

/** Throws `InvalidOptionError` for a value that cannot work. */
export function resolveGossipOptions(init: GossipInit): GossipOptions {
  const options = { ...gossipDefaults, ...init }
  for (const [name, [least, most]] of Object.entries(RANGES) as [keyof typeof RANGES, readonly [number, number]][]) {
    const value = options[name]
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new InvalidOptionError(name, `${value} is not a whole number from ${least} to ${most}`)
    }
  }
  if (!Number.isFinite(options.ipColocationWeight) || options.ipColocationWeight > 0) {
    throw new InvalidOptionError('ipColocationWeight', `${options.ipColocationWeight} is not zero or negative`)
  }
  if (!Object.hasOwn(PROFILES, options.profile)) {
    throw new InvalidOptionError(
      'profile',
      `${JSON.stringify(options.profile)} is none of ${Object.keys(PROFILES).join(', ')}`
    )
  }
  if (typeof options.network !== 'string' || !NETWORK.test(options.network)) {
    throw new InvalidOptionError('network', 'up to 64 letters, digits, dots, dashes and underscores')
  }
  checkMetadata(options)
  return Object.freeze(options)
}
