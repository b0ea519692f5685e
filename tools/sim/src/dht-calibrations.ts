import { attacks } from './dht-attacks.ts'
import { ipfsTables, ipfsWalks } from './dht-calibration.ts'
import { churns, IPFS_SERVERS } from './dht-churn.ts'
import { average, ms, percent, total } from './figure-kinds.ts'
import type { Figure } from './figures.ts'
import type { Scenario } from './scenario-runner.ts'

/** Within 30 % of it. */
const near = (seconds: number): Partial<Figure> => ({
  goal: { from: Math.round(700 * seconds), to: Math.round(1_300 * seconds) },
  formula: `${seconds} s`
})

const within = (value: number, band: number, most = Infinity): Pick<Figure, 'goal' | 'formula'> => ({
  goal: { from: Math.max(0, tenths(value - band)), to: Math.min(most, tenths(value + band)) },
  formula: String(value)
})

const tenths = (value: number): number => Math.round(10 * value) / 10

const quantile = (name: string, sample: string, share: number, more: Partial<Figure> = {}): Figure => ({
  ...ms(name, sample, share, more),
  unit: ''
})

/** 5 points, and twice the sampling error of the 120 lookups that it was taken from. */
const ECLIPSE_BAND = 14

const ECLIPSED: ReadonlyArray<readonly [sybils: number, found: number]> = [
  [10, 100],
  [20, 45.8],
  [45, 25.8],
  [100, 21.7]
]

/** What was published about IPFS and about attacks, in the model, before anything is predicted with it. */
export const CALIBRATIONS: readonly Scenario[] = [
  {
    name: 'ipfs-walks',
    title: 'announcements in IPFS as of 2022, with the classic rules of its nodes',
    run: (seed) => ipfsWalks(300, seed),
    figures: [
      quantile('hops of the walk, p50', 'walk hops', 0.5, within(4, 0)),
      quantile('hops of the walk, p90', 'walk hops', 0.9, within(6, 1)),
      {
        name: 'the 20 nearest heard of within 4 hops',
        unit: '%',
        of: (pool) => 100 * pool.mean('near'),
        ...within(95, 5)
      },
      ms('announcement, p25', 'provide', 0.25, near(7)),
      ms('announcement, p50', 'provide', 0.5, near(12.6)),
      ms('announcement, p75', 'provide', 0.75, near(23.3)),
      quantile('holders reached, p50', 'reached of 20', 0.5, within(18, 1)),
      quantile('holders reached, p05', 'reached of 20', 0.05, within(14, 1))
    ],
    quick: true
  },
  {
    name: 'ipfs-tables',
    title: 'tables among 15 371 nodes',
    run: (seed) => ipfsTables(1_000, seed),
    figures: [
      percent('stale in full buckets', 'dead in full buckets', within(3.8, 3)),
      percent('stale around the node', 'dead around', within(15, 5)),
      percent('know all 20 nearest', 'knows all 20', within(61, 10)),
      percent('know fewer than 18', 'knows under 18', within(4.8, 5))
    ],
    seeds: 2,
    quick: true
  },
  {
    name: 'ipfs-holders',
    title: 'holders of a record that was announced once among servers that stay like those of IPFS',
    run: (seed) => churns({ live: 1_000, keys: 50, hours: 81, classes: IPFS_SERVERS, reprovide: 'once' }, seed),
    figures: [
      average('alive after 80 h', 'of 20', 'alive at 80 h', within(15, 1)),
      percent('found in 36 h', 'found in 36 h', { goal: { least: 100 }, formula: '0 of 10 000 lost' }),
      total('searches', 'looked')
    ],
    seeds: 2
  },
  ...ECLIPSED.map(([sybils, found]): Scenario => ({
    name: `eclipse-${sybils}`,
    title: `${sybils} Sybils around a key of 5 000 nodes, looked for by the k nearest only`,
    run: (seed) => attacks({ live: 5_000, sybils, keys: 200, plain: true, put: 'before', deadShare: 0 }, seed),
    figures: [percent('found', 'found', within(found, ECLIPSE_BAND, 100))],
    seeds: 3
  })),
  {
    name: 'eclipse-detection',
    title: '45 Sybils around a key of 5 000 nodes, noticed by the distances',
    run: (seed) => attacks({ live: 5_000, sybils: 45, keys: 200, put: 'before' }, seed),
    figures: [
      percent('noticed', 'provide alarm', within(99.6, 5, 100)),
      percent('found', 'found', { goal: { least: 99 } })
    ],
    seeds: 3
  }
]
