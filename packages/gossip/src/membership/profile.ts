/** Times and sizes of one kind of network. Members of one network should share a profile; they understand each other if not. */
export interface MembershipProfile {
  /** Each member pings each of its subjects so often. @default 2_000 */
  readonly probeIntervalMs: number
  /** No answer for so long: ask again. Times `1 + localHealth`. @default 1_000 */
  readonly firstTimeoutMs: number
  /** Still none so long after the first question: accuse. Times `1 + localHealth`. @default 2_000 */
  readonly secondTimeoutMs: number
  /** A timer later than this shows that this node stood still: what it timed is void. @default 250 */
  readonly lateMs: number
  /** So many other subjects must have answered before one's silence is held against it; 0: the rule is off. @default 2 */
  readonly witnesses: number
  /** Steps of this node's doubt in itself; 0: none. At most `MAX_LOCAL_HEALTH`. @default 7 */
  readonly maxLocalHealth: number
  /** Rings, and so observers of each member. More find crashes with more votes and cost pings. @default 8 */
  readonly rings: number
  /** Votes of distinct observers after which a suspicion is as short as it gets. @default 4 */
  readonly quorum: number
  /** A suspicion with `quorum` votes: more than twice the time a refutation needs to come around. @default 5_000 */
  readonly suspicionMinMs: number
  /** A suspicion with one vote. @default 30_000 */
  readonly suspicionMaxMs: number
  /** A suspicion with `quorum` votes of observers that saw the connection closed and the next one refused. @default 1_200 */
  readonly closedMinMs: number
  /** Two pushes to one link are at least so far apart; the first goes at once. @default 250 */
  readonly batchMs: number
  /** Push traffic that may come in as long as it comes in on more than two links. @default 1_500 */
  readonly pushBytesPerSecond: number
  /** Between two comparisons with a random link. @default 30_000 */
  readonly digestIntervalMs: number
  /** Evidence and claims that a comparison asks for are sent at most at this rate. @default 5_000 */
  readonly syncBytesPerSecond: number
  /** Between two tries to reach a dead member, or 30 ms a member if that is longer. @default 30_000 */
  readonly reconnectIntervalMs: number
  /** A changed ring asks for its links after this time: what changes twice is asked for once. @default 500 */
  readonly relinkMs: number
  /** Links of this node's own choice beside the rings, for those whose rings are taken by liars. @default 2 */
  readonly randomLinks: number
  /** Dead and left members are remembered so long. @default 7_200_000 */
  readonly tombstoneMs: number
}

/** Between homes over the internet, also through NATs and relays: round trips to a second, losses, busy machines. */
const wan: MembershipProfile = {
  probeIntervalMs: 2_000,
  firstTimeoutMs: 1_000,
  secondTimeoutMs: 2_000,
  lateMs: 250,
  witnesses: 2,
  maxLocalHealth: 7,
  rings: 8,
  quorum: 4,
  suspicionMinMs: 5_000,
  suspicionMaxMs: 30_000,
  closedMinMs: 1_200,
  batchMs: 250,
  pushBytesPerSecond: 1_500,
  digestIntervalMs: 30_000,
  syncBytesPerSecond: 5_000,
  reconnectIntervalMs: 30_000,
  relinkMs: 500,
  randomLinks: 2,
  tombstoneMs: 2 * 60 * 60 * 1000
}

/** One network, round trips of milliseconds: twice as many probes, shorter suspicions and batches. */
const lan: MembershipProfile = {
  ...wan,
  probeIntervalMs: 1_000,
  firstTimeoutMs: 500,
  secondTimeoutMs: 1_000,
  suspicionMinMs: 3_000,
  suspicionMaxMs: 18_000,
  closedMinMs: 800,
  batchMs: 50,
  reconnectIntervalMs: 15_000,
  relinkMs: 200
}

/** One machine, for tests: everything in a second or two. A busy machine makes false suspicions with it. */
const local: MembershipProfile = {
  ...lan,
  probeIntervalMs: 200,
  firstTimeoutMs: 100,
  secondTimeoutMs: 200,
  suspicionMinMs: 600,
  suspicionMaxMs: 3_600,
  closedMinMs: 300,
  batchMs: 20,
  digestIntervalMs: 3_000,
  syncBytesPerSecond: 50_000,
  reconnectIntervalMs: 2_000,
  relinkMs: 50
}

export type ProfileName = 'local' | 'lan' | 'wan'

export const PROFILES: Readonly<Record<ProfileName, MembershipProfile>> = { local, lan, wan }
