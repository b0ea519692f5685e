import { attacks, sizes } from './dht-attacks.ts'
import { CALIBRATIONS } from './dht-calibrations.ts'
import { churns, HALF_IN_TWO_HOURS, HOUR_MS, IPFS_SERVERS } from './dht-churn.ts'
import { dials } from './dht-dials.ts'
import { sweeps } from './dht-sweep.ts'
import { finds, provides } from './dht-walks.ts'
import { average, most, ms, percent, total, typical } from './figure-kinds.ts'
import type { Figure } from './figures.ts'
import type { Scenario } from './scenario-runner.ts'

/** Lookups a seed; the largest network takes longer to make than to walk. */
const LOOKUPS = 200

/** Networks in which placement has a goal. */
const MOST_WITH_GOAL = 100_000

const STUDY_FINDABLE: Readonly<Record<number, string>> = {
  100: '176 / 429 ms',
  1_000: '390 / 568 ms',
  10_000: '591 / 834 ms',
  100_000: '754 / 1016 ms'
}

const STUDY_FIRST: Readonly<Record<number, string>> = {
  100: '68 / 130 ms',
  1_000: '172 / 425 ms',
  10_000: '355 / 602 ms',
  100_000: '522 / 794 ms'
}

const named = (live: number): string => live.toLocaleString('en').replaceAll(',', ' ')

function beside(study: string | undefined): Partial<Figure> {
  return study === undefined ? {} : { study }
}

function provideScenario(live: number): Scenario {
  const goal = live <= MOST_WITH_GOAL ? { goal: { least: 19.4 } } : {}
  return {
    name: `provide-${live}`,
    title: `announcements among ${named(live)} nodes`,
    run: (seed) => provides({ live, lookups: LOOKUPS }, seed),
    figures: [
      ms('findable, p50', 'findable', 0.5, beside(STUDY_FINDABLE[live])),
      ms('findable, p90', 'findable', 0.9),
      average('messages', '', 'messages', live === 100 ? { goal: { most: 40 } } : {}),
      average('on the true 20', 'holders', 'in true 20', goal),
      ms('complete, p50', 'complete', 0.5),
      percent('false alarms', 'alarm', live >= 1_000 ? { goal: { most: 1 } } : {}),
      ms('stock: done, p50', 'stock done', 0.5),
      average('stock: messages', '', 'stock messages'),
      average('stock: on the true 20', 'holders', 'stock in true 20'),
      most('memory of the process', 'MB', 'memory', { goal: { most: 4_000 } })
    ],
    seeds: live >= 1_000_000 ? 2 : 5,
    quick: live <= 10_000
  }
}

/** What kad-dht's table can place, by its depth: 6 bits are its default. */
function tableScenario(prefixBits: number, live: number): Scenario {
  return {
    name: `table-${prefixBits}-${live}`,
    title: `announcements among ${named(live)} nodes whose tables are kad-dht's with ${prefixBits} bits`,
    run: (seed) => provides({ live, lookups: LOOKUPS, prefixBits, stock: false }, seed),
    figures: [
      average('on the true 20', 'holders', 'in true 20'),
      ms('findable, p50', 'findable', 0.5),
      ms('findable, p90', 'findable', 0.9),
      average('messages', '', 'messages')
    ],
    seeds: 2
  }
}

function findScenario(live: number): Scenario {
  const isBench = live === 100
  return {
    name: `find-${live}`,
    title: `searches among ${named(live)} nodes, 15 of 20 holders alive`,
    run: (seed) => finds({ live, lookups: LOOKUPS }, seed),
    figures: [
      ms('first record, p50', 'first record', 0.5, beside(STUDY_FIRST[live])),
      ms('first record, p90', 'first record', 0.9),
      average('requests until then', '', 'messages', isBench ? { goal: { most: 11 } } : {}),
      total('missed', 'missed', { goal: { most: 0 } }),
      ms('stock: first record, p50', 'stock first record', 0.5),
      ms('stock: first record, p90', 'stock first record', 0.9),
      average('stock: requests until then', '', 'stock messages')
    ],
    seeds: live >= 1_000_000 ? 2 : 5,
    quick: live <= 10_000
  }
}

function dialScenario(percentDead: number): Scenario {
  return {
    name: `dial-dead-${percentDead}`,
    title: `to the first working of 10 providers, ${percentDead} % dead`,
    run: (seed) => dials({ providers: 10, deadShare: percentDead / 100, searches: 6_000 }, seed),
    figures: [
      ms('first working, p50', 'first working', 0.5),
      ms('first working, p90', 'first working', 0.9, { goal: { most: 600 } }),
      ms('first working, p99', 'first working', 0.99),
      average('dials', '', 'dials'),
      ms('one after the other with 10 s each, p50', 'naive', 0.5),
      ms('one after the other with 10 s each, p90', 'naive', 0.9)
    ],
    quick: true
  }
}

function sweepScenario(live: number, keys: number): Scenario {
  return {
    name: `sweep-${live}-${keys}`,
    title: `${named(keys)} keys announced again among ${named(live)} nodes`,
    run: (seed) => sweeps({ live, keys }, seed),
    figures: [
      typical('lookups a cycle', '', 'lookups', keys === 100_000 ? { goal: { most: 3_500 } } : {}),
      typical('lookups in the first cycle', '', 'lookups, first cycle'),
      average('messages a lookup', '', 'messages a lookup'),
      average('on the true 20', 'holders', 'in true 20', { goal: { least: 19.4 } }),
      typical('keys announced a cycle', 'of all', 'keys announced', { goal: { least: 1 } })
    ],
    seeds: 3
  }
}

const share = (name: string, at: number, more: Partial<Figure>): Figure => ({
  ...ms(name, 'size', at, more),
  unit: ''
})

const FOUND: Figure = percent('found', 'found', { goal: { least: 99.9 } })
const CHURNING = { live: 1_000, keys: 100 }

const CHURN: readonly Scenario[] = [
  {
    name: 'churn-2h',
    title: 'half of 1 000 nodes replaced every 2 h, for 24 h',
    run: (seed) => churns({ ...CHURNING, hours: 24, classes: HALF_IN_TWO_HOURS, reprovide: 'adaptive' }, seed),
    figures: [
      FOUND,
      total('searches', 'looked'),
      { name: 'announcements of a key', unit: '', of: (pool) => pool.sum('announcements') / pool.sum('keys') }
    ],
    quick: true
  },
  {
    name: 'churn-2h-kubo',
    title: 'half of 1 000 nodes replaced every 2 h, for 24 h, announced every 22 h',
    run: (seed) => churns({ ...CHURNING, hours: 24, classes: HALF_IN_TWO_HOURS, reprovide: 22 * HOUR_MS }, seed),
    figures: [percent('found', 'found', { study: '49.7 %' })],
    seeds: 2
  },
  {
    name: 'unattended-48h',
    title: 'announced once among 1 000 nodes that stay like servers of IPFS, the provider never met again, for 48 h',
    run: (seed) => churns({ ...CHURNING, hours: 48, classes: IPFS_SERVERS, reprovide: 'once' }, seed),
    figures: [percent('found', 'found', { goal: { least: 100 } }), total('searches', 'looked')],
    seeds: 3
  },
  {
    name: 'unattended-48h-stock',
    title: 'the same with holders that forget addresses after 1 h',
    run: (seed) =>
      churns({ ...CHURNING, hours: 48, classes: IPFS_SERVERS, reprovide: 'once', validityMs: HOUR_MS }, seed),
    figures: [percent('found', 'found')],
    seeds: 1
  }
]

function attackScenario(live: number, sybils: number, spread = false): Scenario {
  const isCalm = sybils === 0
  return {
    name: `sybils-${spread ? 'spread-' : ''}${live}-${sybils}`,
    title: `${sybils} Sybils with false records ${spread ? 'among the 20 nearest to' : 'around'} a key among ${named(live)} nodes`,
    run: (seed) => attacks({ live, sybils, keys: isCalm ? 2_000 : 200, spread }, seed),
    figures: [
      percent('found', 'found', { goal: { least: 99 } }),
      percent(isCalm ? 'false alarms' : 'alarms', 'provide alarm', isCalm ? { goal: { most: 1 } } : {}),
      average('messages of an announcement', '', 'provide messages'),
      average('messages of a search', '', 'find messages'),
      ms('first true record, p50', 'find time', 0.5),
      ms('first true record, p90', 'find time', 0.9),
      ...(isCalm ? [] : [percent('stock: found, announced by stock', 'stock found')])
    ],
    quick: isCalm || sybils === 20
  }
}

export const DHT_SCENARIOS: readonly Scenario[] = [
  ...CALIBRATIONS,
  ...[100, 1_000, 10_000, 100_000, 1_000_000].map(provideScenario),
  ...[6, 8, 10, 12].flatMap((bits) => [1_000, 10_000, 30_000, 100_000].map((live) => tableScenario(bits, live))),
  ...[100, 1_000, 10_000, 100_000, 1_000_000].map(findScenario),
  ...[30, 45, 60].map(dialScenario),
  sweepScenario(1_000, 10_000),
  sweepScenario(10_000, 100_000),
  ...CHURN,
  ...[0, 5, 10, 15, 20, 45, 100].map((sybils) => attackScenario(5_000, sybils)),
  ...[0, 10, 20, 45].map((sybils) => attackScenario(200, sybils)),
  ...[20, 45].map((sybils) => attackScenario(5_000, sybils, true)),
  {
    name: 'size-10000',
    title: 'the size of 10 000 nodes by ten lookups',
    run: (seed) => sizes({ live: 10_000, estimates: 200 }, seed),
    figures: [
      share('estimate / truth, p05', 0.05, { goal: { least: 0.8 }, study: '0.89' }),
      share('estimate / truth, p50', 0.5, { goal: { from: 0.9, to: 1.1 } }),
      share('estimate / truth, p95', 0.95, { goal: { most: 1.25 }, study: '1.12' })
    ],
    seeds: 2
  }
]
