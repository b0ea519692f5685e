// npm run bench:gossip: membership of real nodes in several processes, disturbed, beside what the simulation said.
import { lineChart } from '@p2pshare/charts'
import { figuresOf, predictedOf, ratio } from './gossip/figures.ts'
import type { EventKind } from './gossip/figures.ts'
import { keepRuns, keptRuns } from './gossip/kept.ts'
import { delaysOf, predict, readPredictions } from './gossip/predict.ts'
import { runGossip } from './gossip/run.ts'
import type { GossipRun } from './gossip/run.ts'
import { finish } from './harness/finish.ts'
import { parseOptions, positives } from './harness/options.ts'
import { packageVersion } from './harness/peers.ts'
import { caption, goal, newReport } from './harness/report.ts'
import type { Goal, Report } from './harness/report.ts'

const KINDS: readonly EventKind[] = ['join', 'leave', 'kill', 'silent', 'stall', 'back']

/** How far the simulation may be off, of what was measured: p50 and p99. */
const MOST_OFF = [15, 30] as const

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
    silent: ['2', 'nodes that end without a word, in each network'],
    stalls: ['3', 'nodes that stand still for ten seconds, in each network'],
    profile: ['wan', 'of the membership: wan, lan or local'],
    'one-way': ['0.3', 'ms through a socket, for the simulation'],
    message: ['0.4', 'ms of CPU to send or to receive a message, for the simulation'],
    link: ['20', 'ms of CPU to open a link, at each end, for the simulation'],
    save: ['', 'file for what was measured, for --from'],
    from: ['', 'files of --save, with commas: report on them and run nothing'],
    predictions: ['measure', 'JSON of npm run sim:gossip -- --predict; measure: simulate now']
  }
})
const { values } = options
const sizes = positives('members', values['members'])

const setting = {
  perProcess: positives('per-process', values['per-process'])[0] ?? 1,
  profile: values['profile'] ?? 'wan'
}

const from = values['from'] ?? ''
const runs = from === '' ? await measured() : keptRuns(from.split(','))

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
      `Networks of ${runs.map(({ members }) => members).join(', ')} nodes (tcp, noise, yamux, identify, gossip; profile ${values['profile'] ?? ''}), ` +
      `${values['per-process'] ?? ''} in a process, on loopback; what happens to them, one thing at a time. \`kill\` is ` +
      'SIGKILL, `silent` SIGSTOP for good, `stall` SIGSTOP for 10 s and `back` what follows. In the end about ' +
      'half of the nodes get SIGKILL at once, and the others announce something in a topic each 250 ms. Times are from the event to ' +
      'the notice, over the pairs of event and member; `sim` is real over simulated, in virtual time with ' +
      `${values['one-way'] ?? ''} ms through a socket, ${values['message'] ?? ''} ms of CPU an end of a message and ` +
      `${values['link'] ?? ''} ms an end of a new link. Its model of that work was mended after a first comparison with such runs: a ` +
      'likeness, no blind prediction.',
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
    goals: [...runs.filter(({ members }) => members === GOAL_MEMBERS).flatMap(goalsOf), ...runs.flatMap(likenessOf)],
    leftOut: []
  }),
  options,
  charts
)
process.exit() // children that do not end must not keep it

async function measured(): Promise<GossipRun[]> {
  const found: GossipRun[] = []
  for (const members of sizes) {
    found.push(
      await runGossip({
        members,
        ...setting,
        rounds: options.runs,
        silent: Number(values['silent']),
        stalls: Number(values['stalls']),
        quietMs: options.quietMs,
        log: (text) => {
          console.error(`${members}: ${text}`)
        }
      })
    )
  }
  if (values['save'] !== undefined && values['save'] !== '') {
    keepRuns(values['save'], found)
  }
  return found
}

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

function goalsOf({ members, events, quiet, half }: GossipRun): Goal[] {
  const [join, leave, kill, silent] = (['join', 'leave', 'kill', 'silent'] as const).map((kind) =>
    figuresOf(kind, events)
  )
  const mostRounds = Math.ceil(Math.log2(members)) + 2
  return [
    goal(`ms until 99 % know of a join, ${members} nodes`, join?.p99Ms, '<=', 1000),
    goal(`ms until 99 % know of a leave, ${members} nodes`, leave?.p99Ms, '<=', 1000),
    goal('rounds of a join', join?.rounds, '<=', mostRounds),
    goal('rounds of a leave', leave?.rounds, '<=', mostRounds),
    goal('ms until 50 % know of a kill -9', kill?.p50Ms, '<=', 2000),
    goal('ms until 99 % know of a kill -9', kill?.p99Ms, '<=', 5000),
    goal('ms until 50 % know of a crash without a word', silent?.p50Ms, '<=', 8000),
    goal('ms until 99 % know of a crash without a word', silent?.p99Ms, '<=', 25_000),
    goal(`ms until views are right, ${half.killed} of ${members} killed at once`, half.rightMs, '<=', 30_000),
    goal('ms from when on announcements reach all survivors', half.deliveredMs, '<=', 10_000),
    goal('standing links a node', quiet.links, '<=', 24),
    goal('% of a core a quiet node', quiet.cpuPercent, '<=', 1)
  ]
}

/** How far the simulation is from the real nodes, for each kind of event. */
function likenessOf({ members, events }: GossipRun): Goal[] {
  return KINDS.flatMap((kind) => {
    const [real, simulated] = [figuresOf(kind, events), predictedOf(kind, members, predictions)]
    const off = [ratio(real?.p50Ms, simulated.p50Ms), ratio(real?.p99Ms, simulated.p99Ms)]
    return real === undefined
      ? []
      : MOST_OFF.map((most, at) => {
          const times = off[at]
          const percent = times === undefined ? undefined : 100 * Math.abs(times - 1)
          return goal(
            `% real is off simulated, ${members} nodes, ${kind}, ${at === 0 ? 50 : 99} %`,
            percent,
            '<=',
            most
          )
        })
  })
}

function charts(report: Report): Record<string, string> {
  return {
    [report.name]: lineChart({
      title: report.title,
      caption: caption(report),
      x: { label: 'nodes' },
      y: { label: 'milliseconds until 99 % know' },
      series: (['join', 'leave', 'kill', 'silent'] as const).map((kind) => ({
        name: kind,
        points: runs.map(({ members, events }) => [members, figuresOf(kind, events)?.p99Ms ?? 0] as const)
      }))
    })
  }
}
