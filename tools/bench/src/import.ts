// npm run bench:import: the root CID of a file in the page cache, beside one core's SHA-256.
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { barChart } from '@p2pshare/charts'
import { GIB, inTemporaryDirectory, MIB, PAYLOAD, touchMemory, writeRandom } from './harness/files.ts'
import { finish } from './harness/finish.ts'
import { parseOptions } from './harness/options.ts'
import { nodeCommand, packageVersion, source } from './harness/peers.ts'
import { machineBusySeconds } from './harness/process-stats.ts'
import { caption, count, goal, newReport } from './harness/report.ts'
import type { Report } from './harness/report.ts'
import { runRounds } from './harness/rounds.ts'
import { killAll, Running } from './harness/running.ts'
import { quietRuns, spread } from './harness/stats.ts'
import type { ImportJob, ImportReport } from './peers/import-job.ts'

const DEFAULT_SIZE_MIB = 1024
const TIMEOUT_MS = 300_000
/** Of one core's SHA-256, with one worker. */
const LEAST_OF_HASH = 0.8

const VERSIONS: Readonly<Record<string, { version: string | undefined; what: string }>> = {
  sha256: { version: process.versions.node, what: 'crypto.hash() over 1 MiB in memory, one core' },
  p2pshare: { version: packageVersion('@p2pshare/transfer'), what: 'importId(), hashing threads beside the main one' },
  importer: { version: packageVersion('ipfs-unixfs-importer'), what: 'ipfs-unixfs-importer, the same profile' }
}

interface Entry {
  readonly peer: string
  readonly workers: number
  readonly name: string
}

interface ImportRun extends ImportReport {
  readonly seconds: number
  readonly cpuS: number
  readonly peakMiB: number
  readonly otherCores: number
}

const options = parseOptions({
  summary: 'The root CID of a file that is in memory already.',
  runs: 5,
  sizeMiB: DEFAULT_SIZE_MIB,
  peers: Object.keys(VERSIONS),
  more: { workers: [workerCounts(), 'numbers of threads of p2pshare'] }
})
const bytes = options.sizeMiB * MIB
const entries = options.peers.flatMap((peer): Entry[] =>
  peer === 'p2pshare'
    ? (options.values['workers'] ?? '')
        .split(',')
        .map(Number)
        .map((workers) => ({ peer, workers, name: `p2pshare, ${workers} worker${workers === 1 ? '' : 's'}` }))
    : [{ peer, workers: 0, name: peer }]
)

const { results, failed } = await inTemporaryDirectory(async (directory) => {
  const path = join(directory, PAYLOAD)
  await touchMemory(directory, bytes)
  await writeRandom(path, bytes)
  let root: string | undefined
  return runRounds({
    items: entries,
    rounds: options.runs,
    quietMs: options.quietMs,
    nameOf: ({ name }) => name,
    once: async (entry) => {
      const run = await runOnce(entry, path)
      root ??= run.root
      if (run.root !== undefined && run.root !== root) {
        throw new Error(`${entry.name}: ${run.root}, the others ${root ?? ''}`)
      }
      return run
    },
    describe: (run) => `${rate(run).toFixed(0)} MB/s`
  })
})

const rows = [...results].map(([entry, runs]) => toRow(entry, runs))
const rateOf = (name: string) => rows.find((row) => row.name === name)?.rate?.median
const one = rateOf('p2pshare, 1 worker')
const hash = rateOf('sha256')
await finish(
  newReport({
    name: 'import',
    title: `Import of ${bytes >= GIB ? `${bytes / GIB} GiB` : `${options.sizeMiB} MiB`}`,
    setting: `The root CID of a random file in the page cache, leaves of 1 MiB; all gave the same CID; ${count(options.runs, 'round')}.`,
    programs: Object.fromEntries(
      options.peers.map((peer) => [peer, { version: VERSIONS[peer]?.version ?? '', what: VERSIONS[peer]?.what ?? '' }])
    ),
    columns: [
      { key: 'name', label: 'program' },
      { key: 'rate', label: 'MB/s' },
      { key: 'ofHash', label: "of one core's SHA-256", digits: 2 },
      { key: 'cpu', label: 'CPU s/GiB', digits: 2 },
      { key: 'peak', label: 'peak MiB' },
      { key: 'otherCores', label: 'other cores', digits: 2 },
      { key: 'runs', label: 'runs' }
    ],
    rows: rows.map((row) => ({ ...row, ofHash: row.rate && hash && row.rate.median / hash })),
    goals: [goal("one worker / one core's SHA-256", one && hash && one / hash, '>=', LEAST_OF_HASH)],
    leftOut: failed
  }),
  options,
  charts
)

async function runOnce({ peer, workers }: Entry, path: string): Promise<ImportRun> {
  await readFile(path).catch(() => undefined) // into the page cache; above 2 GiB it is there from being written
  const running = new Running(
    nodeCommand(source(`peers/${peer}-import.ts`), { path, bytes, workers } satisfies ImportJob)
  )
  try {
    await running.line('GO', TIMEOUT_MS)
    running.mark()
    const before = { at: performance.now(), busy: machineBusySeconds() }
    const report = JSON.parse(await running.line('DONE', TIMEOUT_MS)) as ImportReport
    const seconds = (performance.now() - before.at) / 1000
    const cpuS = running.cpu()
    const otherCores = Math.max(0, machineBusySeconds() - before.busy - cpuS) / seconds
    return { ...report, seconds, cpuS, otherCores, peakMiB: running.peakMiB() }
  } finally {
    await killAll()
  }
}

function toRow({ name }: Entry, all: readonly ImportRun[]) {
  const counted = quietRuns(all)
  return {
    name,
    rate: spread(counted.map(rate)),
    cpu: spread(counted.map(({ cpuS }) => (cpuS * GIB) / bytes))?.median,
    peak: spread(counted.map(({ peakMiB }) => peakMiB)),
    otherCores: spread(counted.map(({ otherCores }) => otherCores)),
    runs: `${counted.length}/${all.length}`
  }
}

function rate({ seconds }: ImportRun): number {
  return bytes / 1e6 / seconds
}

/** None, one, and doubling up to the cores; two everywhere, to see what more threads than cores do. */
function workerCounts(): string {
  const counts = [0, 1, 2]
  for (let count = 4; count <= availableParallelism(); count *= 2) {
    counts.push(count)
  }
  return counts.join(',')
}

function charts(report: Report): Record<string, string> {
  return {
    [report.name]: barChart({
      title: report.title,
      caption: caption(report),
      categories: rows.map(({ name }) => name),
      value: { label: 'MB/s, whiskers from the slowest to the fastest run' },
      ...(hash === undefined
        ? {}
        : { goals: [{ value: hash * LEAST_OF_HASH, label: `goal: ${LEAST_OF_HASH} of SHA-256` }] }),
      series: [
        {
          name: 'MB/s',
          values: rows.map((row) => row.rate?.median ?? null),
          ranges: rows.map((row) => (row.rate === undefined ? null : [row.rate.min, row.rate.max]))
        }
      ]
    })
  }
}
