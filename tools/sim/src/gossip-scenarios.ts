import {
  goalRounds,
  memberlistCrashMs,
  memberlistMaxSuspicionMs,
  memberlistMinSuspicionMs,
  memberlistPushPullMs,
  memberlistSpreadMs,
  MEMBERLIST_LAN,
  MEMBERLIST_WAN,
  swimFirstDetectionMs
} from '@p2pshare/testkit/sim'
import { flapping, killMany, liars, oneStall, partition, quiet } from './gossip-faults.ts'
import { most, ms, total, typical } from './figure-kinds.ts'
import type { Figure, Pool } from './figures.ts'
import { base, crashes, crashesAmongStalls, RULES_OFF, spread, stalls, traffic } from './gossip-runs.ts'
import type { Net, Setting } from './gossip-runs.ts'
import type { Scenario } from './scenario-runner.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

const perMillion = (name: string, sample: string, more: Partial<Figure> = {}): Figure => ({
  name,
  unit: 'per 10^6 probes',
  of: (pool) => (pool.sum(sample) / pool.sum('probes')) * 1e6,
  ...more
})

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`

const TRAFFIC: readonly Figure[] = [
  typical('bytes', 'B/s a node', 'bytesPerSecond'),
  typical('connections opened', 'a minute', 'opensPerMinute'),
  typical('links', 'a node', 'links')
]

function spreadScenario(net: Net, members: number, more: Partial<Scenario> = {}): Scenario {
  const rounds = goalRounds(members)
  const goal = net === 'loopback' ? { goal: { most: 1000 } } : {}
  const formula = `memberlist ${seconds(memberlistSpreadMs(members, MEMBERLIST_LAN))}`
  const of = (kind: string, study: string): Figure[] => [
    ms(`${kind} known, p50`, kind, 0.5),
    ms(`${kind} known, p99`, kind, 0.99, { ...goal, formula, ...(net === 'wan' && members === 100 ? { study } : {}) }),
    ms(`${kind} known by all, p99 of events`, `${kind} all`, 0.99),
    most(`${kind} rounds`, 'hops', `${kind} hops`, { goal: { most: rounds } })
  ]
  return {
    name: `spread-${net}-${members}`,
    title: `joins and leaves, ${members} members, ${net}`,
    run: (seed) => spread({ members, net }, seed),
    figures: [
      ...of('join', '526 / 924 ms'),
      ms('newcomer knows all, p99', 'complete', 0.99),
      ...of('leave', '112 / 243 ms'),
      ...TRAFFIC
    ],
    ...more
  }
}

function crashScenario(net: Net, members: number, reset: boolean, more: Partial<Scenario> = {}): Scenario {
  const goals = reset ? [2000, 5000] : [8000, 25_000]
  const judged = members === 100 && (!reset || net !== 'wan')
  const lan = memberlistCrashMs(members, MEMBERLIST_LAN)
  const wan = memberlistCrashMs(members, MEMBERLIST_WAN)
  const longest = memberlistMaxSuspicionMs(members, MEMBERLIST_LAN)
  const study = net === 'wan' && !reset && members === 100
  return {
    name: `crash-${reset ? 'reset' : 'silent'}-${net}-${members}`,
    title: `crashes ${reset ? 'with FIN or RST' : 'without a word'}, ${members} members, ${net}`,
    run: (seed) => crashes({ members, net }, seed, reset),
    figures: [
      ms('first suspected, mean', 'first suspected', 0.5, {
        of: (pool) => pool.sum('first suspected') / pool.count('first suspected'),
        formula: `SWIM ${seconds(swimFirstDetectionMs(members, 1000))} at T = 1 s`
      }),
      ms('known, p50', 'crash', 0.5, {
        formula: `memberlist LAN ${seconds(lan)}, WAN ${seconds(wan)}`,
        ...(judged ? { goal: { most: goals[0] ?? 0 } } : {}),
        ...(study ? { study: '7164 / 7715 ms' } : {})
      }),
      ms('known, p99', 'crash', 0.99, {
        formula: `memberlist LAN, unconfirmed ${seconds(longest)}`,
        ...(judged ? { goal: { most: goals[1] ?? 0 } } : {}),
        ...(study ? { study: '7215 / 7784 ms' } : {})
      }),
      ms('known by all, p99 of events', 'crash all', 0.99),
      total('live members held dead', 'deadHealthy', { goal: { most: 0 } }),
      ...TRAFFIC
    ],
    ...more
  }
}

function stallScenario(kind: 'process' | 'network', rules: boolean, more: Partial<Scenario> = {}): Scenario {
  const setting: Setting = { members: 100, net: 'wan', ...(rules ? {} : { profile: RULES_OFF }) }
  const study =
    kind === 'process' ? ['0 (bound 2.8)', '1002'] : [rules ? '0 (bound 0.77)' : '4966', rules ? '1403' : '2944']
  return {
    name: `stall-${kind}${rules ? '' : '-off'}`,
    title: `25 % of 100 stalled 0.1 to 16 s for an hour (${kind})${rules ? '' : ', rules off'}`,
    run: (seed) => stalls(setting, seed, kind),
    seeds: 3,
    figures: [
      total('probes', 'probes'),
      perMillion('healthy members held dead', 'deadHealthy', {
        ...(rules ? { goal: { most: 1 } } : {}),
        ...(study[0] === undefined ? {} : { study: study[0] })
      }),
      perMillion('stalled members held dead', 'deadStalled', study[1] === undefined ? {} : { study: study[1] }),
      perMillion('members suspected', 'suspected'),
      ms('expelled and awake, until all have it back, p50', 'rejoin', 0.5),
      ms('expelled and awake, until all have it back, p99', 'rejoin', 0.99, rules ? { goal: { most: 5000 } } : {}),
      ...TRAFFIC
    ],
    ...more
  }
}

function amongStalls(kind: 'process' | 'network'): Scenario {
  return {
    name: `stall-${kind}-crash`,
    title: `crashes of healthy members while 25 % of 100 are stalled (${kind})`,
    run: (seed) => crashesAmongStalls({ members: 100, net: 'wan' }, seed, kind),
    figures: [
      ms('known, p50', 'crash', 0.5, {
        goal: { most: 8000 },
        study: kind === 'process' ? '7.8 / 8.3 s' : '7.8 / 8.3 s'
      }),
      ms('known, p99', 'crash', 0.99, {
        goal: { most: 25_000 },
        study: kind === 'process' ? '22 / 42 s' : '18.6 / 29.8 s'
      })
    ]
  }
}

const STUDY_BASE = new Map([
  [100, ['526 / 924', '112 / 243', '7164 / 7715', '7215 / 7784', '2042', '2.3', '15.4']],
  [300, ['557 / 1131', '129 / 386', '7226 / 7734', '7266 / 7774', '2141', '1.1', '15.8']],
  [1000, ['639 / 1149', '222 / 547', '7319 / 7970', '7357 / 8015', '2186', '0.43', '16']],
  [3000, ['1008 / 1404', '410 / 1017', '7439 / 8358', '7516 / 8453', '2631', '0.21', '16']],
  [10_000, ['1673', '1002', '8008', '8254', '2889', '0.14', '16']]
])

/** The study's own scenario, its figures taken as it did: median and worst over the events. */
function baseScenario(members: number, seeds: number): Scenario {
  const [join, leave, p50, p99, bytes, opens, links] = STUDY_BASE.get(members) ?? []
  const event = (name: string, sample: string, study: string | undefined): Figure =>
    typical(name, 'ms', sample, study === undefined ? {} : { study })
  const rate = (name: string, unit: string, sample: string, study: string | undefined): Figure =>
    typical(name, unit, sample, study === undefined ? {} : { study })
  return {
    name: `base-${members}`,
    title: `the study's base scenario, ${members} members`,
    run: (seed) => base({ members, net: 'wan' }, seed),
    seeds,
    figures: [
      event('join p99', 'join p99', join),
      event('leave p99', 'leave p99', leave),
      event('crash p50', 'crash p50', p50),
      event('crash p99', 'crash p99', p99),
      rate('bytes', 'B/s a node', 'bytesPerSecond', bytes),
      rate('connections opened', 'a minute', 'opensPerMinute', opens),
      rate('links', 'a node', 'links', links)
    ]
  }
}

const STUDY_TRAFFIC = new Map([
  [100, '864'],
  [10_000, '2889 (base)']
])

function trafficScenario(members: number, minutes: number, seeds: number): Scenario {
  const study = STUDY_TRAFFIC.get(members)
  return {
    name: `traffic-${members}`,
    title: `natural churn, sessions of 3 h, ${members} members`,
    run: (seed) => traffic({ members, net: 'wan' }, seed, minutes * MINUTE_MS),
    seeds,
    figures: [
      typical('bytes', 'B/s a node', 'bytesPerSecond', {
        goal: { most: 3000 },
        ...(study === undefined ? {} : { study })
      }),
      typical('worst node', 'B/s', 'worstBytesPerSecond'),
      typical('messages', 'a second', 'messagesPerSecond'),
      typical('connections opened', 'a minute', 'opensPerMinute', { goal: { most: 0.5 } }),
      typical('dials that failed', 'a minute', 'failedDialsPerMinute'),
      typical('links', 'a node', 'links'),
      most('most links', '', 'mostLinks', { goal: { most: 24 } }),
      ...['ping', 'ack', 'push', 'want', 'digest', 'summary', 'sync'].map((kind) =>
        typical(`of which ${kind}`, 'B/s', `bytes ${kind}`)
      ),
      total('live members held dead', 'deadHealthy', { goal: { most: 0 } }),
      total('resurrected', 'resurrected', { goal: { most: 0 } })
    ]
  }
}

function partitionScenario(members: number, minutes: number, seeds: number, goals: boolean): Scenario {
  const pushPull = memberlistPushPullMs(members, MEMBERLIST_LAN)
  return {
    name: `partition-${members}`,
    title: `50/50 partition of ${members} for ${minutes} min`,
    run: (seed) => partition({ members, net: 'wan' }, seed, minutes * MINUTE_MS),
    seeds,
    figures: [
      typical('each half knows', 'ms', 'split'),
      typical('one view after healing', 'ms', 'heal', {
        ...(goals ? { goal: { most: 60_000 } } : {}),
        formula: `memberlist push-pull each ${seconds(pushPull)}`,
        study: members === 100 ? '3000 / 3500' : '3500 / 3500'
      }),
      typical('bytes a node until then', 'B', 'healBytes', {
        ...(goals ? { goal: { most: 500_000 } } : {}),
        study: members === 100 ? '118 k' : '1.93 M'
      }),
      typical('bytes a node in the first minute', 'B', 'minuteBytes'),
      total('resurrected', 'resurrected', { goal: { most: 0 } })
    ]
  }
}

function killScenario(members: number, reset: boolean, seeds: number, goal: boolean): Scenario {
  return {
    name: `kill-half-${reset ? 'reset-' : ''}${members}`,
    title: `half of ${members} killed at once${reset ? ' with FIN or RST' : ' without a word'}`,
    run: (seed) => killMany({ members, net: 'wan' }, seed, 0.5, reset),
    seeds,
    figures: [
      typical('survivors all right', 'ms', 'right', {
        ...(goal ? { goal: { most: 30_000 } } : {}),
        ...(members === 100 && !reset ? { study: '13800 / 14300' } : {}),
        formula: `memberlist at least ${seconds(memberlistMinSuspicionMs(members, MEMBERLIST_LAN))}`
      }),
      total('survivors held dead', 'deadHealthy', { goal: { most: 0 } }),
      ...TRAFFIC
    ]
  }
}

function liarScenario(members: number, minutes: number, evidence: 'silent' | 'closed', seeds: number): Scenario {
  return {
    name: `liars-${evidence}-${members}`,
    title: `20 % of ${members} lie for ${minutes} min, evidence ${evidence}`,
    run: (seed) => liars({ members, net: 'wan' }, seed, minutes * MINUTE_MS, evidence),
    seeds,
    figures: [
      total('honest members held dead', 'deadHealthy', {
        goal: { most: 0 },
        ...(members === 100 ? { study: '0' } : {})
      }),
      typical('bytes of an honest node', 'B/s', 'honestBytesPerSecond', {
        goal: { most: 5000 },
        ...(members === 100 ? { study: '10800' } : {})
      }),
      total('honest members suspected', 'suspected')
    ]
  }
}

const FLAPPING: Scenario = {
  name: 'flap-100',
  title: '5 of 100 go down and come back each 3 to 15 s for 2 min',
  run: (seed) => flapping({ members: 100, net: 'wan' }, seed, 2 * MINUTE_MS),
  quick: true,
  figures: [
    ms('back, until all have it, p50', 'rejoin', 0.5),
    ms('back, until all have it, p99', 'rejoin', 0.99, { goal: { most: 5000 } }),
    total('others held dead', 'deadHealthy', { goal: { most: 0 } }),
    total('flappers held dead while up', 'deadStalled', { study: '5 in 5 seeds' }),
    total('resurrected', 'resurrected', { goal: { most: 0 } }),
    ...TRAFFIC
  ]
}

const stallOne = (net: Net, members: number): Scenario => ({
  name: `stall-one-${net}-${members}`,
  title: `one of ${members} stopped for 10 s, ${net}`,
  run: (seed) => oneStall({ members, net }, seed, 10_000),
  figures: [
    ms('suspected, p50', 'suspect', 0.5),
    ms('suspected, p99', 'suspect', 0.99),
    ms('alive again after it goes on, p50', 'back', 0.5),
    ms('alive again after it goes on, p99', 'back', 0.99)
  ]
})

const SPEED: readonly Scenario[] = [
  {
    name: 'speed-50',
    title: 'a quiet hour of 50 members',
    run: (seed) => quiet({ members: 50, net: 'wan' }, seed, HOUR_MS),
    seeds: 1,
    figures: [speed('times real time', (pool) => pool.sum('virtual') / pool.sum('cpu'), { least: 500 }), ...TRAFFIC]
  },
  {
    ...trafficScenario(10_000, 60, 1),
    name: 'hour-10000',
    title: 'an hour of 10,000 members with natural churn',
    figures: [...trafficScenario(10_000, 60, 1).figures, speed('CPU seconds', (pool) => pool.sum('cpu'), { most: 600 })]
  }
]

function speed(name: string, of: (pool: Pool) => number, goal: NonNullable<Figure['goal']>): Figure {
  return { name, unit: '', of, goal }
}

/** Everything of the table that the machine decides, and the study's scenarios. */
export const GOSSIP_SCENARIOS: readonly Scenario[] = [
  ...[25, 50, 100].map((members) => spreadScenario('loopback', members, { quick: members === 100 })),
  ...[100, 300, 1000].map((members) => spreadScenario('wan', members, { quick: members === 100 })),
  ...[25, 50, 100].map((members) => crashScenario('loopback', members, true, { quick: members === 100 })),
  crashScenario('public', 100, true),
  crashScenario('wan', 100, true),
  ...[25, 50, 100].map((members) => crashScenario('loopback', members, false)),
  ...[100, 300, 1000].map((members) => crashScenario('wan', members, false, { quick: members === 100 })),
  crashScenario('lossy', 100, false),
  stallScenario('process', true),
  stallScenario('network', true),
  stallScenario('process', false),
  stallScenario('network', false),
  amongStalls('process'),
  amongStalls('network'),
  ...[25, 50, 100].map((members) => stallOne('loopback', members)),
  trafficScenario(100, 20, 5),
  trafficScenario(300, 10, 3),
  trafficScenario(1000, 5, 2),
  trafficScenario(3000, 3, 1),
  {
    ...trafficScenario(10_000, 1, 1),
    figures: [
      ...trafficScenario(10_000, 1, 1).figures,
      speed('CPU seconds an hour at this rate', (pool) => (pool.sum('cpu') / pool.sum('virtual')) * 3600, {
        most: 600
      }),
      typical('memory', 'MB', 'memory', { goal: { most: 12_000 } })
    ]
  },
  partitionScenario(100, 10, 5, false),
  partitionScenario(1000, 10, 2, true),
  killScenario(100, false, 5, false),
  killScenario(1000, false, 2, true),
  killScenario(1000, true, 2, true),
  liarScenario(100, 2, 'silent', 3),
  liarScenario(100, 2, 'closed', 3),
  liarScenario(1000, 10, 'silent', 1),
  FLAPPING,
  baseScenario(100, 5),
  baseScenario(300, 3),
  baseScenario(1000, 2),
  baseScenario(3000, 1),
  ...SPEED
]
