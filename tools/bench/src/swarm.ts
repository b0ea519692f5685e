// npm run bench:swarm [-- --leechers 1,4,8,16 --seeders 1 --leaf 256]: a swarm in which every upload is capped.
import { lineChart } from '@p2pshare/charts'
import { finish } from './harness/finish.ts'
import { MIB } from './harness/files.ts'
import { parseOptions, positives } from './harness/options.ts'
import { describe, installed } from './harness/peers.ts'
import type { Peer } from './harness/peers.ts'
import { caption, count, goal, newReport } from './harness/report.ts'
import type { Goal, Report } from './harness/report.ts'
import { runRounds } from './harness/rounds.ts'
import { inSetting } from './harness/setting.ts'
import { quietRuns, spread } from './harness/stats.ts'
import { fluidBoundS, runSwarm } from './harness/swarm-run.ts'
import type { SwarmRun, SwarmShape } from './harness/swarm-run.ts'

const KIB = 1024
/** A swarm that takes this many times the bound has stopped. */
const TIMEOUT_BOUNDS = 10
/** And the time that the processes need to start. */
const EXTRA_TIMEOUT_MS = 60_000

/** Last leecher / fluid bound, by leechers, for one seeder and leaves of 256 KiB. */
const MOST_RATIO: Readonly<Record<number, number>> = { 1: 1.03, 4: 1.05, 8: 1.05, 16: 1.08 }
/** The same for 8 leechers and leaves of 1 MiB. */
const MOST_RATIO_LARGE_LEAVES = 1.12
/** Several seeders, one leecher: of the sum of their caps. */
const LEAST_OF_CAPS = 0.97
const MOST_RECEIVED = 1.01

const options = parseOptions({
  summary: 'A file from capped seeders to capped leechers: the last one beside the fluid bound.',
  runs: 5,
  sizeMiB: 64,
  peers: ['p2pshare', 'aria2', 'libtorrent', 'webtorrent'],
  more: {
    leechers: ['1,4,8,16', 'numbers of leechers'],
    seeders: ['1', 'numbers of seeders; the file grows with it, so that the bound stays the same'],
    leaf: ['256', 'KiB of a leaf or piece: 256 or 1024'],
    cap: ['4096', 'KiB/s that every process may upload']
  }
})
const { values, sizeMiB } = options
const leafKiB = positives('leaf', values['leaf'])[0] ?? 0
const capKiB = positives('cap', values['cap'])[0] ?? 0
const seederCounts = positives('seeders', values['seeders'])
const leecherCounts = positives('leechers', values['leechers'])
const several = seederCounts.some((count) => count > 1)

interface Entry {
  readonly peer: Peer
  readonly shape: SwarmShape
}

const { peers, leftOut } = installed(options.peers)
const results = new Map<Entry, readonly SwarmRun[]>()
const failures = [...leftOut]
for (const seeders of seederCounts) {
  const bytes = sizeMiB * MIB * seeders
  await inSetting({ bytes, leafBytes: leafKiB * KIB }, async (setting) => {
    const shapes = leecherCounts.map((leechers) => ({ seeders, leechers, uploadBytesPerSecond: capKiB * KIB }))
    const rounds = await runRounds({
      items: shapes.flatMap((shape) => peers.map((peer): Entry => ({ peer, shape }))),
      rounds: options.runs,
      quietMs: options.quietMs,
      nameOf: ({ peer, shape }) => `${peer.name} ${shape.seeders}:${shape.leechers}`,
      once: async ({ peer, shape }) => {
        const timeoutMs = TIMEOUT_BOUNDS * fluidBoundS(bytes, shape) * 1000 + EXTRA_TIMEOUT_MS
        return runSwarm(peer, setting, shape, timeoutMs)
      },
      describe: ({ ratio }) => `${ratio.toFixed(3)} of the bound`
    })
    failures.push(...rounds.failed)
    for (const [entry, runs] of rounds.results) {
      results.set(entry, runs)
    }
  })
}

const rows = [...results].map(([entry, all]) => toRow(entry, all))
await finish(
  newReport({
    name: name(),
    title: several ? 'Several seeders, one leecher' : `A capped swarm, leaves of ${leafKiB} KiB`,
    setting:
      `${sizeMiB} MiB${several ? ' for each seeder' : ''} in units of ${leafKiB} KiB; every process a real one, its upload ` +
      `capped at ${capKiB} KiB/s, its download not; ${count(options.runs, 'round')}.`,
    programs: describe(peers),
    columns: [
      { key: 'peer', label: 'program' },
      { key: 'seeders', label: 'seeders' },
      { key: 'leechers', label: 'leechers' },
      { key: 'bound', label: 'fluid bound s', digits: 2 },
      { key: 'last', label: 'last leecher s', digits: 2 },
      { key: 'ratio', label: 'last / bound', digits: 3 },
      { key: 'ofCaps', label: 'of the sum of caps', digits: 3 },
      { key: 'received', label: 'received / size', digits: 3 },
      { key: 'cpu', label: 'CPU s, all', digits: 1 },
      { key: 'otherCores', label: 'other cores', digits: 2 },
      { key: 'runs', label: 'runs' }
    ],
    rows,
    goals: goals(),
    leftOut: failures
  }),
  options,
  charts
)

function name(): string {
  const variant = several ? 'sources' : 'swarm'
  return leafKiB === 256 ? variant : `${variant}-leaf-${leafKiB}`
}

function toRow({ peer, shape }: Entry, all: readonly SwarmRun[]) {
  const counted = quietRuns(all)
  const bound = fluidBoundS(sizeMiB * MIB * shape.seeders, shape)
  const ratio = spread(counted.map((run) => run.ratio))
  return {
    peer: peer.name,
    seeders: shape.seeders,
    leechers: shape.leechers,
    bound,
    last: spread(counted.map((run) => Math.max(...run.finishes))),
    ratio,
    ofCaps: shape.leechers === 1 && ratio !== undefined ? 1 / ratio.median : undefined,
    received: spread(counted.map((run) => run.received))?.median,
    cpu: spread(counted.map((run) => run.cpuS))?.median,
    otherCores: spread(counted.map((run) => run.otherCores)),
    runs: `${counted.length}/${all.length}`
  }
}

function goals(): Goal[] {
  return rows
    .filter(({ peer }) => peer === 'p2pshare')
    .flatMap(({ seeders, leechers, ratio, ofCaps, received }) => {
      const who = `${count(seeders, 'seeder')}, ${count(leechers, 'leecher')}`
      const most = mostRatio(leechers)
      const alone = leechers === 1
      return [
        ...(seeders === 1 && most !== undefined ? [goal(`last / bound, ${who}`, ratio?.median, '<=', most)] : []),
        ...(alone && seeders > 1 ? [goal(`of the sum of caps, ${who}`, ofCaps, '>=', LEAST_OF_CAPS)] : []),
        ...(alone ? [goal(`received / size, ${who}`, received, '<=', MOST_RECEIVED)] : [])
      ]
    })
}

function charts(report: Report): Record<string, string> {
  const x = several ? 'seeders' : 'leechers'
  const measured = peers.map((peer) => ({
    name: peer.name,
    points: rows
      .filter((row) => row.peer === peer.name)
      .flatMap((row) => (row.ratio === undefined ? [] : [[row[x], row.ratio.median] as const]))
  }))
  const lowest = Math.min(1, ...measured.flatMap(({ points }) => points.map(([, ratio]) => ratio)))
  const wanted = leecherCounts.flatMap((count) => {
    const most = several ? undefined : mostRatio(count)
    return most === undefined ? [] : [[count, most] as const]
  })
  return {
    [report.name]: lineChart({
      title: report.title,
      caption: caption(report),
      x: { label: x, log: 2 },
      y: { label: 'last leecher / fluid bound', min: Math.floor(lowest * 10) / 10 },
      series: [...measured, ...(wanted.length > 1 ? [{ name: 'goal', points: wanted, dashed: true }] : [])]
    })
  }
}

function mostRatio(leechers: number): number | undefined {
  return leafKiB === 256 ? MOST_RATIO[leechers] : leechers === 8 ? MOST_RATIO_LARGE_LEAVES : undefined
}
