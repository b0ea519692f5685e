// npm run bench:gossip: membership of real nodes in several processes, disturbed, beside what the simulation said.
import { lineChart } from '@p2pshare/charts'
import { figuresOf, predictedOf, ratio } from './gossip/figures.ts'
import type { EventKind } from './gossip/figures.ts'
import { delaysOf, predict, readPredictions } from './gossip/predict.ts'
import { runGossip } from './gossip/run.ts'
import type { GossipRun } from './gossip/run.ts'
import { finish } from './harness/finish.ts'
import { parseOptions, positives } from './harness/options.ts'
import { packageVersion } from './harness/peers.ts'
import { caption, goal, newReport } from './harness/report.ts'
import type { Goal, Report } from './harness/report.ts'

const KINDS: readonly EventKind[] = ['join', 'leave', 'kill', 'stall', 'back']

/** The goals are for this many. */
const GOAL_MEMBERS = 100

const options = parseOptions({
  summary: 'Membership: joins, clean leaves, kill -9 and SIGSTOP among real nodes in several processes.',
  runs: 5,
  sizeMiB: 1,
  peers: ['p2pshare'],
  more: {
    members: ['25,50,100', 'nodes, one network after the other'],
    'per-process': ['8', 'nodes in one process'],
    stalls: ['3', 'nodes that stand still for ten seconds, in each network'],
    profile: ['wan', 'of the membership: wan, lan or local'],
    'one-way': ['0.3', 'ms through a socket, for the simulation'],
    message: ['0.4', 'ms of CPU to send or to receive a message, for the simulation'],
    link: ['20', 'ms of CPU to open a link, at each end, for the simulation'],
    predictions: ['measure', 'JSON of npm run sim:gossip -- --predict; measure: simulate now']
  }
})
const { values } = options
const sizes = positives('members', values['members'])

const setting = {
  perProcess: positives('per-process', values['per-process'])[0] ?? 1,
  profile: values['profile'] ?? 'wan'
}

const runs: GossipRun[] = []
for (const members of sizes) {
  runs.push(
    await runGossip({
      members,
      ...setting,
      rounds: options.runs,
      stalls: Number(values['stalls']),
      quietMs: options.quietMs,
      log: (text) => {
        console.error(`${members}: ${text}`)
      }
    })
  )
}

const predictions = runs.flatMap((run) => {
  // measured under load these hold waiting as well as work: to compare with, not to predict from
  const { oneWayMs, messageMs, linkMs } = delaysOf(run)
  console.error(
    `${run.members}: --one-way ${oneWayMs.toFixed(2)} --message ${messageMs.toFixed(2)} --link ${linkMs.toFixed(0)} (ms)`
  )
  const delays = {
    oneWayMs: Number(values['one-way']),
    messageMs: Number(values['message']),
    linkMs: Number(values['link'])
  }
  const path = values['predictions'] ?? ''
  return path === 'measure' ? predict({ ...setting, members: run.members }, delays) : readPredictions(path)
})

const rows = runs.flatMap((run) => KINDS.map((kind) => rowOf(run, kind)).filter((row) => row !== undefined))
await finish(
  newReport({
    name: 'gossip',
    title: 'Membership of real nodes',
    setting:
      `Networks of ${sizes.join(', ')} nodes (tcp, noise, yamux, identify, gossip; profile ${values['profile'] ?? ''}), ` +
      `${values['per-process'] ?? ''} in a process, on loopback; ${options.runs} leaves and kills and twice as many joins, ` +
      `one at a time. Times are from the event to the notice, over the pairs of event and member; \`sim\` is real over ` +
      'simulated.',
    programs: {
      p2pshare: { version: packageVersion('@p2pshare/gossip') ?? '', what: 'gossip() in plain libp2p nodes' }
    },
    columns: [
      { key: 'what', label: 'nodes, event' },
      { key: 'events', label: 'events' },
      { key: 'p50', label: '50 % know, ms' },
      { key: 'p90', label: '90 %, ms' },
      { key: 'p99', label: '99 %, ms' },
      { key: 'all', label: 'all (median), ms' },
      { key: 'rounds', label: 'rounds' },
      { key: 'missed', label: 'missed' },
      { key: 'sim50', label: 'sim, 50 %', digits: 2 },
      { key: 'sim99', label: 'sim, 99 %', digits: 2 },
      { key: 'bytes', label: 'B/s a node, quiet' },
      { key: 'cpu', label: '% of a core, quiet', digits: 2 },
      { key: 'opens', label: 'opens/min', digits: 2 },
      { key: 'links', label: 'links' }
    ],
    rows,
    goals: runs.filter(({ members }) => members === GOAL_MEMBERS).flatMap(goalsOf),
    leftOut: []
  }),
  options,
  charts
)
process.exit() // children that do not end must not keep it

function rowOf({ members, events, quiet }: GossipRun, kind: EventKind): Record<string, string | number> | undefined {
  const figures = figuresOf(kind, events)
  if (figures === undefined) {
    return undefined
  }
  const simulated = predictedOf(kind, members, predictions)
  const [sim50, sim99] = [ratio(figures.p50Ms, simulated.p50Ms), ratio(figures.p99Ms, simulated.p99Ms)]
  const { bytesPerSecond: bytes, cpuPercent: cpu, opensPerMinute: opens, links } = quiet
  return {
    what: `${members} ${kind}`,
    events: figures.events,
    p50: figures.p50Ms,
    p90: figures.p90Ms,
    p99: figures.p99Ms,
    ...(figures.allMs === undefined ? {} : { all: figures.allMs }),
    rounds: figures.rounds,
    missed: figures.missed,
    ...(sim50 === undefined ? {} : { sim50 }),
    ...(sim99 === undefined ? {} : { sim99 }),
    ...(kind === 'join' ? { bytes, cpu, opens, links } : {})
  }
}

function goalsOf({ members, events, quiet }: GossipRun): Goal[] {
  const [join, leave, kill] = (['join', 'leave', 'kill'] as const).map((kind) => figuresOf(kind, events))
  const mostRounds = Math.ceil(Math.log2(members)) + 2
  return [
    goal(`ms until 99 % know of a join, ${members} nodes`, join?.p99Ms, '<=', 1000),
    goal(`ms until 99 % know of a leave, ${members} nodes`, leave?.p99Ms, '<=', 1000),
    goal('rounds of a leave', leave?.rounds, '<=', mostRounds),
    goal('ms until 50 % know of a kill -9', kill?.p50Ms, '<=', 2000),
    goal('ms until 99 % know of a kill -9', kill?.p99Ms, '<=', 5000),
    goal('standing links a node', quiet.links, '<=', 24),
    goal('% of a core a quiet node', quiet.cpuPercent, '<=', 1)
  ]
}

function charts(report: Report): Record<string, string> {
  return {
    [report.name]: lineChart({
      title: report.title,
      caption: caption(report),
      x: { label: 'nodes' },
      y: { label: 'milliseconds until 99 % know' },
      series: (['join', 'leave', 'kill'] as const).map((kind) => ({
        name: kind,
        points: runs.map(({ members, events }) => [members, figuresOf(kind, events)?.p99Ms ?? 0] as const)
      }))
    })
  }
}
