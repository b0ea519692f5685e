import type { Random, SwarmScenario } from '@p2pshare/testkit/sim'

const KIB = 1024
const MIB = 1024 * 1024
/** What one copy takes at the usual cap, in milliseconds: times of joins and leaves are told in it. */
const COPY_MS = 16_000

/** A swarm with a name, and what the shipped policy is to reach in it. */
export interface NamedScenario {
  readonly name: string
  readonly title: string
  readonly scenario: SwarmScenario
  /** Most that the median of time / fluid bound may be. */
  readonly goal?: number
  /** Only those who upload count, against the bound of a swarm without the others. @default false */
  readonly honestOnly?: boolean
  /** Part of `--quick`. @default false */
  readonly quick?: boolean
}

const pick =
  (values: readonly number[]) =>
  (_ordinal: number, random: Random): number =>
    random.pick(values)

/** Comes one after the other, `meanMs` apart on average. */
const poisson = (meanMs: number) => {
  let at = 0
  return (ordinal: number, random: Random): number => {
    at = ordinal === 0 ? 0 : at - Math.log(1 - random.float()) * meanMs
    return at
  }
}

/** Each fifth leecher goes between 30 % and 70 % of the time that one copy takes. */
const someLeave = (ordinal: number, random: Random): number =>
  ordinal % 5 === 4 ? (0.3 + 0.4 * random.float()) * COPY_MS : Infinity

const UPS = [1, 2, 4, 8, 16].map((mib) => mib * MIB)
const DOWNS = [5, 8, 16, 32].map((mib) => mib * MIB)
const RTTS = [0.5, 20, 80]

const mixedCaps = { up: pick(UPS) }
const mixedAll = { up: pick(UPS), down: pick(DOWNS) }
const mixedAllRtt = { ...mixedAll, rttMs: pick(RTTS) }
const isRider = (ordinal: number): boolean => ordinal % 10 < 3

const EQUAL_GOALS = [
  [1, 1.01],
  [2, 1.02],
  [4, 1.03],
  [8, 1.04],
  [16, 1.05],
  [32, 1.05],
  [64, 1.06]
] as const

/** The swarms of docs/swarm-scheduling.md. 64 MiB in 256 KiB leaves, 4 MiB/s and 20 ms unless said otherwise. */
export const SCENARIOS: readonly NamedScenario[] = [
  ...EQUAL_GOALS.map(([leechers, goal]) => ({
    name: `equal-${leechers}`,
    title: `equal caps, N=${leechers}`,
    scenario: { leechers },
    goal,
    quick: leechers === 4 || leechers === 8
  })),
  ...[0.5, 80].flatMap((rttMs) =>
    [4, 8, 16].map((leechers) => ({
      name: `rtt-${rttMs}-${leechers}`,
      title: `RTT ${rttMs} ms, N=${leechers}`,
      scenario: { leechers, rttMs }
    }))
  ),
  { name: 'rtt-mixed-16', title: 'RTT 0.5, 20, 80 ms mixed, N=16', scenario: { leechers: 16, rttMs: pick(RTTS) } },
  ...([4, 8, 16, 64] as const).map((leechers) => ({
    name: `leaf-1mib-${leechers}`,
    title: `1 MiB leaves, N=${leechers}`,
    scenario: { leechers, leafBytes: MIB },
    ...(leechers === 8 ? { goal: 1.12 } : {})
  })),
  { name: 'leaf-64kib-16', title: '64 KiB leaves, N=16', scenario: { leechers: 16, leafBytes: 64 * KIB } },
  {
    name: 'leaf-16kib-16',
    title: '16 KiB leaves, N=16',
    scenario: { leechers: 16, leafBytes: 16 * KIB, totalBytes: 32 * MIB }
  },
  {
    name: 'gib-16',
    title: '1 GiB in 1 MiB leaves, N=16',
    scenario: { leechers: 16, totalBytes: 1024 * MIB, leafBytes: MIB, frameBlocks: 16 }
  },
  {
    name: 'mixed-caps-16',
    title: 'caps of 1 to 16 MiB/s, N=16',
    scenario: { leechers: 16, ...mixedCaps },
    goal: 1.06
  },
  {
    name: 'mixed-all-16',
    title: 'caps of 1 to 16 MiB/s, downlinks of 5 to 32, N=16',
    scenario: { leechers: 16, ...mixedAll },
    goal: 1.06
  },
  ...[4, 8, 16].map((leechers) => ({
    name: `mixed-all-rtt-${leechers}`,
    title: `the same and RTT mixed, N=${leechers}`,
    scenario: { leechers, ...mixedAllRtt },
    goal: 1.06,
    quick: leechers === 8
  })),
  {
    name: 'mixed-all-rtt-1mib-16',
    title: 'the same with 1 MiB leaves, N=16',
    scenario: { leechers: 16, ...mixedAllRtt, leafBytes: MIB }
  },
  {
    name: 'capacity-16',
    title: 'bound by capacity: seeder 16, others 1 to 4 MiB/s, N=16',
    scenario: { leechers: 16, seederUp: 16 * MIB, up: pick([1, 2, 3, 4].map((mib) => mib * MIB)) }
  },
  ...([200, 500, 1000] as const).map((perSecond) => ({
    name: `join-${perSecond / 1000}-16`,
    title: `joining ${perSecond / 1000} a second, N=16`,
    scenario: { leechers: 16, joinMs: poisson(1_000_000 / perSecond) }
  })),
  {
    name: 'leave-20-16',
    title: '20 % leave half way, N=16',
    scenario: { leechers: 16, leaveMs: someLeave },
    goal: 1.05,
    quick: true
  },
  {
    name: 'vanish-20-16',
    title: '20 % vanish without a word, N=16',
    scenario: { leechers: 16, leaveMs: someLeave, vanishes: () => true }
  },
  { name: 'leave-done-16', title: 'all leave when done, N=16', scenario: { leechers: 16, leaveWhenDone: true } },
  {
    name: 'seeder-gone-1.0-16',
    title: 'the seeder leaves after 1.0 copies, N=16',
    scenario: { leechers: 16, seederCopies: 1 },
    goal: 1.06,
    quick: true
  },
  {
    name: 'seeder-gone-1.1-16',
    title: 'the seeder leaves after 1.1 copies, N=16',
    scenario: { leechers: 16, seederCopies: 1.1 }
  },
  {
    name: 'seeder-gone-1.0-mixed-16',
    title: 'the same, 1.0 copies, everything mixed, N=16',
    scenario: { leechers: 16, ...mixedAllRtt, seederCopies: 1 }
  },
  { name: 'seeders-3-16', title: '3 seeders, N=16', scenario: { leechers: 16, seeders: 3 } },
  { name: 'seeders-8-1', title: '8 seeders, one leecher', scenario: { leechers: 1, seeders: 8 }, goal: 1.03 },
  {
    name: 'riders-30-20',
    title: '30 % free riders, N=20, honest ones',
    scenario: { leechers: 20, up: (ordinal) => (isRider(ordinal) ? 0 : 4 * MIB) },
    honestOnly: true,
    goal: 1.15,
    quick: true
  },
  { name: 'jitter-20-16', title: 'messages up to 20 ms late, N=16', scenario: { leechers: 16, jitterMs: 20 } },
  {
    name: 'blind-16',
    title: 'unknown uplinks and RTT, N=16',
    scenario: { leechers: 16, knowsUplink: false, knowsRtt: false }
  },
  {
    name: 'blind-mixed-16',
    title: 'unknown uplinks and RTT, everything mixed, N=16',
    scenario: { leechers: 16, ...mixedAllRtt, knowsUplink: false, knowsRtt: false }
  },
  { name: 'slow-disk-16', title: '25 ms to store a leaf, N=16', scenario: { leechers: 16, storeMs: 25 } },
  {
    name: 'fast-8',
    title: '100 MiB/s, RTT 1 ms, 1 GiB in 1 MiB leaves, N=8',
    scenario: {
      leechers: 8,
      rttMs: 1,
      totalBytes: 1024 * MIB,
      leafBytes: MIB,
      seederUp: 100 * MIB,
      up: 100 * MIB,
      frameBlocks: 64
    }
  }
]
