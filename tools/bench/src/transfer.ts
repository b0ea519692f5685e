// npm run bench:transfer [-- --size 1024 --runs 5]: one file between two processes on loopback, side by side.
import { barChart } from '@p2pshare/charts'
import { GIB, MIB } from './harness/files.ts'
import { finish } from './harness/finish.ts'
import { parseOptions } from './harness/options.ts'
import { runPair } from './harness/pair.ts'
import type { PairRun } from './harness/pair.ts'
import { describe, installed } from './harness/peers.ts'
import { caption, count, goal, newReport } from './harness/report.ts'
import type { Goal, Report } from './harness/report.ts'
import { runRounds } from './harness/rounds.ts'
import { inSetting } from './harness/setting.ts'
import { median, quietRuns, spread } from './harness/stats.ts'
import type { Spread } from './harness/stats.ts'

const DEFAULT_SIZE_MIB = 1024
const LEAF_BYTES = MIB
/** The slowest program takes half a minute for 1 GiB. */
const TIMEOUT_MS_PER_GIB = 120_000
const MIN_TIMEOUT_MS = 60_000

/** How many times as fast as the others, and how near to the limit. */
const RATIOS = [
  ['libtorrent', 2],
  ['aria2', 2],
  ['webtorrent', 3],
  ['helia', 12],
  ['limit', 0.7]
] as const
const MOST_CPU_S_PER_GIB = 3
const MOST_PEAK_MIB = 160
const MOST_RECEIVED = 1.01

const options = parseOptions({
  summary: 'One file from one process to another, beside other programs and the limit of the machine.',
  runs: 5,
  sizeMiB: DEFAULT_SIZE_MIB,
  peers: ['limit', 'p2pshare', 'libtorrent', 'aria2', 'libp2p', 'webtorrent', 'helia']
})
const bytes = options.sizeMiB * MIB
const { peers, leftOut } = installed(options.peers)
const { results, failed } = await inSetting({ bytes, leafBytes: LEAF_BYTES }, async (setting) => {
  const timeoutMs = Math.max(MIN_TIMEOUT_MS, (TIMEOUT_MS_PER_GIB * bytes) / GIB)
  return runRounds({
    items: peers,
    rounds: options.runs,
    quietMs: options.quietMs,
    nameOf: ({ name }) => name,
    once: async (peer) => runPair(peer, setting, timeoutMs),
    describe: (run) => `${rate(run).toFixed(0)} MB/s`
  })
})

const rows = [...results].map(([{ name }, all]) => toRow(name, all))
await finish(
  newReport({
    name: options.sizeMiB === DEFAULT_SIZE_MIB ? 'transfer' : `transfer-${options.sizeMiB}`,
    title: `One to one: ${sizeText()}`,
    setting: `One file of ${sizeText()} from one process to another over loopback, ${count(options.runs, 'round')}.`,
    programs: describe(peers),
    columns: [
      { key: 'peer', label: 'program' },
      { key: 'rate', label: 'MB/s' },
      { key: 'ratio', label: 'p2pshare is x times', digits: 2 },
      { key: 'cpu', label: 'CPU s/GiB, both', digits: 2 },
      { key: 'seederCpu', label: 'seeder', digits: 2 },
      { key: 'leecherCpu', label: 'leecher', digits: 2 },
      { key: 'seederPeak', label: 'peak MiB seeder' },
      { key: 'leecherPeak', label: 'peak MiB leecher' },
      { key: 'received', label: 'received / size', digits: 3 },
      { key: 'otherCores', label: 'other cores', digits: 2 },
      { key: 'runs', label: 'runs' }
    ],
    rows,
    goals: goals(),
    leftOut: [...leftOut, ...failed]
  }),
  options,
  charts
)

function toRow(peer: string, all: readonly PairRun[]) {
  const counted = quietRuns(all)
  const perGiB = (value: (run: PairRun) => number): Spread | undefined =>
    spread(counted.map((run) => (value(run) * GIB) / bytes))
  return {
    peer,
    rate: spread(counted.map(rate)),
    ratio: ratioTo(peer),
    cpu: perGiB((run) => run.seederCpuS + run.leecherCpuS),
    seederCpu: perGiB((run) => run.seederCpuS)?.median,
    leecherCpu: perGiB((run) => run.leecherCpuS)?.median,
    seederPeak: spread(counted.map((run) => run.seederPeakMiB)),
    leecherPeak: spread(counted.map((run) => run.leecherPeakMiB)),
    received: spread(counted.map((run) => run.bytesReceived && run.bytesReceived / bytes))?.median,
    otherCores: spread(counted.map((run) => run.otherCores)),
    runs: `${counted.length}/${all.length}`
  }
}

function goals(): Goal[] {
  const ours = rows.find(({ peer }) => peer === 'p2pshare')
  return [
    ...RATIOS.map(([peer, least]) => goal(`rate / ${peer}`, ratioTo(peer), '>=', least)),
    goal('CPU s/GiB, both ends', ours?.cpu?.median, '<=', MOST_CPU_S_PER_GIB),
    goal('peak MiB of the seeder', ours?.seederPeak?.max, '<=', MOST_PEAK_MIB),
    goal('peak MiB of the leecher', ours?.leecherPeak?.max, '<=', MOST_PEAK_MIB),
    goal('received / size', ours?.received, '<=', MOST_RECEIVED)
  ]
}

/** Our rate divided by that of another. */
function ratioTo(peer: string): number | undefined {
  const rateOf = (name: string): number => {
    const found = [...results].find(([other]) => other.name === name)?.[1] ?? []
    return median(quietRuns(found).map(rate))
  }
  const ratio = rateOf('p2pshare') / rateOf(peer)
  return Number.isNaN(ratio) ? undefined : ratio
}

function rate({ seconds }: PairRun): number {
  return bytes / 1e6 / seconds
}

function sizeText(): string {
  return bytes >= GIB ? `${bytes / GIB} GiB` : `${options.sizeMiB} MiB`
}

function charts(report: Report): Record<string, string> {
  const sorted = [...rows].sort((a, b) => (b.rate?.median ?? 0) - (a.rate?.median ?? 0))
  const categories = sorted.map(({ peer }) => peer)
  const range = (value: Spread | undefined): readonly [number, number] | null =>
    value === undefined ? null : [value.min, value.max]
  return {
    [report.name]: barChart({
      title: report.title,
      caption: caption(report),
      categories,
      value: { label: 'MB/s, whiskers from the slowest to the fastest run' },
      highlight: 'p2pshare',
      series: [
        {
          name: 'MB/s',
          values: sorted.map((row) => row.rate?.median ?? null),
          ranges: sorted.map((row) => range(row.rate))
        }
      ]
    }),
    [`${report.name}-cpu`]: barChart({
      title: `${report.title}: CPU of both ends`,
      caption: caption(report),
      categories,
      value: { label: 'CPU seconds for each GiB' },
      digits: 2,
      series: [
        { name: 'seeder', values: sorted.map((row) => row.seederCpu ?? null) },
        { name: 'leecher', values: sorted.map((row) => row.leecherCpu ?? null) }
      ]
    })
  }
}
