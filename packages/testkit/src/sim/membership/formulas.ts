/**
 * What is published, as formulas, to draw beside what is simulated. Times are in milliseconds.
 *
 * SWIM: Das, Gupta, Motivala, "SWIM: Scalable Weakly-consistent Infection-style Process Group Membership Protocol"
 * (DSN 2002), sections 3.1 and 4. memberlist: `DefaultLANConfig` and `DefaultWANConfig` of config.go,
 * `suspicionTimeout`, `retransmitLimit` and `pushPullScale` of util.go, `remainingSuspicionTime` of suspicion.go.
 * Spread: Pittel, "On Spreading a Rumor" (SIAM J. Appl. Math. 47, 1987), for pushing to `fanout` others a round.
 */
export interface MemberlistConfig {
  readonly probeIntervalMs: number
  readonly suspicionMult: number
  readonly suspicionMaxTimeoutMult: number
  readonly gossipIntervalMs: number
  readonly gossipNodes: number
  readonly retransmitMult: number
  readonly pushPullIntervalMs: number
}

export const MEMBERLIST_LAN: MemberlistConfig = {
  probeIntervalMs: 1000,
  suspicionMult: 4,
  suspicionMaxTimeoutMult: 6,
  gossipIntervalMs: 200,
  gossipNodes: 3,
  retransmitMult: 4,
  pushPullIntervalMs: 30_000
}

export const MEMBERLIST_WAN: MemberlistConfig = {
  ...MEMBERLIST_LAN,
  probeIntervalMs: 5000,
  suspicionMult: 6,
  gossipIntervalMs: 500,
  gossipNodes: 4,
  pushPullIntervalMs: 60_000
}

/** Members up to which memberlist does not stretch its push-pull interval. */
const PUSH_PULL_THRESHOLD = 32

/**
 * Mean time until some member first suspects a crashed one: each of n - 1 others probes one random member a period, so
 * a period finds it with 1 - (1 - 1/(n-1))^(n-1), towards 1 - 1/e.
 */
export function swimFirstDetectionMs(members: number, periodMs: number): number {
  const missed = Math.pow(1 - 1 / (members - 1), members - 1)
  return periodMs / (1 - missed)
}

/** What a suspicion takes that enough others confirm. */
export function memberlistMinSuspicionMs(members: number, config: MemberlistConfig): number {
  return config.suspicionMult * Math.max(1, Math.log10(Math.max(1, members))) * config.probeIntervalMs
}

/** What a suspicion takes that nobody else confirms. */
export function memberlistMaxSuspicionMs(members: number, config: MemberlistConfig): number {
  return config.suspicionMaxTimeoutMult * memberlistMinSuspicionMs(members, config)
}

/** Rounds until everybody has a rumour with high probability, without the O(1): log_{1+f} n + ln n / f. */
export function pushRounds(members: number, fanout: number): number {
  return Math.log(members) / Math.log(1 + fanout) + Math.log(members) / fanout
}

/** Clean join or leave known by all. */
export function memberlistSpreadMs(members: number, config: MemberlistConfig): number {
  return pushRounds(members, config.gossipNodes) * config.gossipIntervalMs
}

/** Crash known by all, at the least: detection, the shortest suspicion, and the news of it. */
export function memberlistCrashMs(members: number, config: MemberlistConfig): number {
  return (
    swimFirstDetectionMs(members, config.probeIntervalMs) +
    memberlistMinSuspicionMs(members, config) +
    memberlistSpreadMs(members, config)
  )
}

/** Between two full exchanges of a member. */
export function memberlistPushPullMs(members: number, config: MemberlistConfig): number {
  const doublings = Math.ceil(Math.log2(members) - Math.log2(PUSH_PULL_THRESHOLD))
  return config.pushPullIntervalMs * (members <= PUSH_PULL_THRESHOLD ? 1 : doublings + 1)
}

/** What messages and members take on the wire, for `memberlistBytesPerSecond`. */
export interface TrafficSizes {
  /** How long a member stays on average. */
  readonly sessionMs: number
  /** Around each message that goes alone. */
  readonly overheadBytes: number
  readonly pingBytes: number
  /** A change of one member, and a member with all that is said of it. */
  readonly changeBytes: number
  readonly memberBytes: number
}

/** A session begins with a join, and ends with a leave or with a suspicion and a death. */
const CHANGES_A_SESSION = 2.5

/**
 * What a member sends with natural churn: a ping and an ack a period, each change `retransmitLimit` times (on other messages,
 * so without overhead), and its whole state to the one it asks and to the one that asks it. Indirect probes and
 * refutations, if any, are on top.
 */
export function memberlistBytesPerSecond(members: number, config: MemberlistConfig, sizes: TrafficSizes): number {
  const probes = (2 * (sizes.overheadBytes + sizes.pingBytes) * 1000) / config.probeIntervalMs
  const changesPerSecond = (CHANGES_A_SESSION * members * 1000) / sizes.sessionMs
  const copies = config.retransmitMult * Math.ceil(Math.log10(members + 1))
  const pushPull = (2 * members * sizes.memberBytes * 1000) / memberlistPushPullMs(members, config)
  return probes + changesPerSecond * copies * sizes.changeBytes + pushPull
}

/** The goal for clean joins and leaves: a tree of doubling rounds, and two. */
export function goalRounds(members: number): number {
  return Math.ceil(Math.log2(members)) + 2
}
