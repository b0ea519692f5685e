// npm run bench:dht: announcements and searches among real nodes of which some never answer, beside stock kad-dht in the same
// run, and beside what the simulation says with the delays that were measured.
import { execFile } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { lineChart } from '@p2pshare/charts'
import type { Round } from './dht/measure.ts'
import type { Kind } from './dht/nodes.ts'
import { predictDht } from './dht/predict.ts'
import type { DhtPrediction } from './dht/predict.ts'
import { finish } from './harness/finish.ts'
import { parseOptions, positives } from './harness/options.ts'
import { packageVersion } from './harness/peers.ts'
import { caption, goal, newReport } from './harness/report.ts'
import type { Goal, Report } from './harness/report.ts'
import { median, spread } from './harness/stats.ts'
import type { Spread } from './harness/stats.ts'
import type { DhtRun } from './peers/dht-nodes.ts'

const KINDS: readonly Kind[] = ['p2pshare', 'kad-dht']

const SCRIPT = fileURLToPath(new URL('peers/dht-nodes.ts', import.meta.url))

/** The goals are for this many. */
const GOAL_NODES = 100

const options = parseOptions({
  summary: 'The DHT: announcements and searches among real nodes, some of them black holes, beside stock kad-dht.',
  runs: 8,
  sizeMiB: 1,
  peers: KINDS,
  more: {
    nodes: ['25,50,100', 'nodes, one network after the other'],
    dead: ['0.1', 'share of them that accept connections and never answer'],
    settle: ['6', 'seconds to let a network settle'],
    seed: ['1', 'of who announces and who searches'],
    keep: ['', 'file that keeps what each network showed; those that are in it are not run again']
  }
})
const { values } = options
const dead = Number(values['dead'])

interface Measured extends DhtRun {
  readonly kind: Kind
  readonly nodes: number
  readonly predicted: DhtPrediction | undefined
}

const kept = values['keep'] === undefined || values['keep'] === '' ? undefined : values['keep']
const earlier = kept !== undefined && existsSync(kept) ? (JSON.parse(readFileSync(kept, 'utf8')) as Measured[]) : []
const runs: Measured[] = []
for (const nodes of positives('nodes', values['nodes'])) {
  for (const kind of options.peers as readonly Kind[]) {
    const known = earlier.find((each) => each.kind === kind && each.nodes === nodes)
    if (known !== undefined) {
      runs.push(known)
      continue
    }
    const run = await measure(kind, nodes)
    const rules = kind === 'p2pshare' ? 'shipped' : 'stock'
    const predicted = predictDht(nodes, dead, median(run.rttMs), median(run.dialMs))
    const measured = { ...run, kind, nodes, predicted: predicted.find((each) => each.rules === rules) }
    runs.push(measured)
    if (kept !== undefined) {
      earlier.push(measured)
      writeFileSync(kept, JSON.stringify(earlier))
    }
    console.error(`${nodes} ${kind}: provide ${text(run, 'findableMs')}, find ${text(run, 'firstRecordMs')} ms`)
  }
}

const blackHoles = `${Math.round(dead * 100)} %`
await finish(
  newReport({
    name: 'dht',
    title: 'The DHT of real nodes',
    setting:
      `Networks of ${values['nodes'] ?? ''} nodes (tcp, noise, yamux, identify, ping and the DHT) in one process on loopback, ` +
      `${blackHoles} of which accept connections and never answer; ${options.runs} times a node announces a new key, ` +
      'and another one searches for it. One network after the other in one run; `sim` is the median that the simulation ' +
      'says with the round trip and the dial that were measured in that network.',
    programs: {
      p2pshare: { version: packageVersion('@p2pshare/dht') ?? '', what: 'dht(); findable is when provide() resolves' },
      'kad-dht': {
        version: packageVersion('@libp2p/kad-dht') ?? '',
        what: 'kadDHT() with its defaults and a table as deep; nothing says that a record can be found before all is written'
      }
    },
    columns: [
      { key: 'what', label: 'nodes' },
      { key: 'findable', label: 'provide, ms' },
      { key: 'simFindable', label: 'sim' },
      { key: 'complete', label: 'complete, ms' },
      { key: 'messages', label: 'messages' },
      { key: 'first', label: 'find first, ms' },
      { key: 'simFirst', label: 'sim' },
      { key: 'queries', label: 'queries' },
      { key: 'missed', label: 'missed' },
      { key: 'cpu', label: 'CPU s' }
    ],
    rows: runs.map(rowOf),
    goals: runs.filter(({ nodes, kind }) => nodes === GOAL_NODES && kind === 'p2pshare').flatMap(goalsOf),
    leftOut: []
  }),
  options,
  charts
)

async function measure(kind: Kind, nodes: number): Promise<DhtRun> {
  const settleMs = Number(values['settle']) * 1000
  const words = [kind, nodes, Math.round(nodes * dead), options.runs, settleMs, values['seed'] ?? '1']
  const { stdout } = await promisify(execFile)(process.execPath, ['--no-warnings', SCRIPT, ...words.map(String)])
  return JSON.parse(stdout) as DhtRun
}

function of(run: DhtRun, key: keyof Round): Spread | undefined {
  return spread(run.rounds.map((round) => round[key]))
}

function text(run: DhtRun, key: keyof Round): string {
  const { median: middle, max } = of(run, key) ?? { median: NaN, max: NaN }
  return `${middle.toFixed(0)} (max ${max.toFixed(0)})`
}

function rowOf(run: Measured): Record<string, string | number | Spread> {
  const cells = {
    findable: of(run, 'findableMs'),
    simFindable: run.predicted?.findableP50Ms,
    complete: of(run, 'completeMs'),
    messages: of(run, 'messages'),
    first: of(run, 'firstRecordMs'),
    simFirst: run.predicted?.firstRecordP50Ms,
    queries: of(run, 'queries')
  }
  const known = Object.entries(cells).flatMap(([key, cell]) => (cell === undefined ? [] : [[key, cell] as const]))
  return {
    what: `${run.nodes} ${run.kind}`,
    ...Object.fromEntries(known),
    missed: run.rounds.filter(({ firstRecordMs }) => firstRecordMs === undefined).length,
    cpu: run.cpuSeconds
  }
}

function goalsOf(run: Measured): Goal[] {
  const findable = of(run, 'findableMs')
  return [
    goal('ms until findable, median', findable?.median, '<=', 150),
    goal('ms until findable, longest', findable?.max, '<=', 400),
    goal('messages of an announcement', of(run, 'messages')?.median, '<=', 40),
    goal('ms until the first record, median', of(run, 'firstRecordMs')?.median, '<=', 50),
    goal('queries until then', of(run, 'queries')?.median, '<=', 10)
  ]
}

function charts(report: Report): Record<string, string> {
  const line = (kind: Kind, name: string, y: (run: Measured) => number | undefined) => ({
    name,
    points: runs.filter((run) => run.kind === kind).map((run) => [run.nodes, y(run) ?? 0] as const)
  })
  return {
    [report.name]: lineChart({
      title: 'Until a record can be found',
      caption: caption(report),
      x: { label: 'nodes' },
      y: { label: 'milliseconds, median' },
      series: KINDS.flatMap((kind) => [
        line(kind, kind, (run) => of(run, 'findableMs')?.median),
        line(kind, `${kind}, simulated`, (run) => run.predicted?.findableP50Ms)
      ])
    })
  }
}
