import { InvalidOptionError } from '@p2pshare/interface'

/** What the user of `gossip()` may choose. */
export interface GossipInit {
  /**
   * Time between two announcements of this node in a topic, in milliseconds. A node that is not connected to us counts
   * as gone after three of them; a lower value notices sooner and costs one message per topic, passed on by every
   * member, each time.
   *
   * @default 15_000
   */
  announceIntervalMs?: number

  /**
   * How long a member whose last connection closed may take to come back before it counts as dead, in milliseconds.
   * `0` calls it dead at once, also when only the network hiccuped.
   *
   * @default 5_000
   */
  graceMs?: number

  /**
   * How long `stop()` may take to say goodbye, in milliseconds. Without a goodbye others see this node die. `0` says
   * none.
   *
   * @default 500
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
  announceIntervalMs: 15_000,
  graceMs: 5_000,
  leaveTimeoutMs: 500,
  maxShares: 512,
  ipColocationWeight: 0
})

/** Options with every default filled in. */
export type GossipOptions = Readonly<Required<GossipInit>>

/** A week: three of the longest interval still fit the delay that a timer takes. */
const MAX_MS = 7 * 24 * 60 * 60 * 1000

const RANGES = {
  announceIntervalMs: [100, MAX_MS],
  graceMs: [0, MAX_MS],
  leaveTimeoutMs: [0, MAX_MS],
  maxShares: [1, 900]
} as const

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
  return Object.freeze(options)
}
