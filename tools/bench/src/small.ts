// npm run bench:small: blobs of 4 KiB from a connected peer, one after the other.
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { barChart } from '@p2pshare/charts'
import { inTemporaryDirectory, writeRandom } from './harness/files.ts'
import { finish } from './harness/finish.ts'
import type { Others } from './harness/job.ts'
import { parseOptions, positives } from './harness/options.ts'
import { describe, installed, nodeCommand, outside, source } from './harness/peers.ts'
import type { Peer } from './harness/peers.ts'
import { caption, count, goal, newReport } from './harness/report.ts'
import type { Report } from './harness/report.ts'
import { runRounds } from './harness/rounds.ts'
import { killAll, Running } from './harness/running.ts'
import { percentile, spread } from './harness/stats.ts'
import { writeTorrent } from './harness/torrent.ts'
import type { SmallJob, SmallReport } from './peers/small-job.ts'

const BLOB_BYTES = 4096
/** The smallest piece that BitTorrent programs know. */
const PIECE_BYTES = 16_384
const TIMEOUT_MS = 120_000
const WHAT: Readonly<Record<string, string>> = {
  p2pshare: 'block() over an open and a new link, verified; get() to a file, with map, journal and final name',
  libp2p: 'js-libp2p, tcp + noise + yamux: one stream for all, and a stream for each; nothing is verified',
  webtorrent: 'a torrent for each: there is no smaller thing to ask for'
}

const OURS = 'block, open link'
const OURS_NEW = 'block, new link'
const MOST_OPEN_MS = 0.3
const MOST_NEW_MS = 2

const options = parseOptions({
  summary: 'Blobs of 4 KiB from a connected peer, one after the other.',
  runs: 5,
  sizeMiB: 2,
  peers: ['p2pshare', 'libp2p', 'helia', 'webtorrent'],
  more: { blobs: ['500', 'blobs at most; slower programs ask for fewer'] }
})
const files = positives('blobs', options.values['blobs'])[0] ?? 0
const { peers, leftOut } = installed(options.peers)

const { results, failed } = await inTemporaryDirectory(async (directory) => {
  const [blobs, torrents, state] = ['blobs', 'torrents', 'state'].map((name) => join(directory, name)) as [
    string,
    string,
    string
  ]
  await Promise.all([mkdir(blobs), mkdir(torrents)])
  for (let index = 0; index < files; index++) {
    await writeRandom(join(blobs, String(index)), BLOB_BYTES)
    await writeTorrent(join(blobs, String(index)), join(torrents, `${index}.torrent`), PIECE_BYTES)
  }
  return runRounds({
    items: peers,
    rounds: options.runs,
    quietMs: options.quietMs,
    nameOf: ({ name }) => name,
    once: async (peer) => runOnce(peer, { blobs, files, torrents }, state),
    describe: (run) =>
      Object.entries(run)
        .map(([how, times]) => `${how} ${percentile(times, 50).toFixed(2)} ms`)
        .join(', ')
  })
})

const rows = [...results].flatMap(([{ name }, runs]) =>
  Object.keys(runs[0] ?? {}).map((how) =>
    toRow(
      name,
      how,
      runs.map((run) => run[how] ?? [])
    )
  )
)
const ours = (how: string) => rows.find((row) => row.peer === 'p2pshare' && row.how === how)?.p50?.median
await finish(
  newReport({
    name: 'small',
    title: '4 KiB from a connected peer',
    setting:
      `Blobs of 4 KiB, one after the other, each compared with its source; ${count(options.runs, 'round')} of up to ${files} blobs. ` +
      'A new link is one to a peer that is connected and was never asked; every program warms up by one blob.',
    programs: Object.fromEntries(
      Object.entries(describe(peers)).map(([name, program]) => [name, { ...program, what: WHAT[name] ?? program.what }])
    ),
    columns: [
      { key: 'peer', label: 'program' },
      { key: 'how', label: 'how' },
      { key: 'p50', label: 'median ms', digits: 2 },
      { key: 'p95', label: '95 % ms', digits: 2 },
      { key: 'p99', label: '99 % ms', digits: 2 },
      { key: 'count', label: 'blobs in a round' }
    ],
    rows,
    goals: [
      goal('ms over an open link, median', ours(OURS), '<=', MOST_OPEN_MS),
      goal('ms over a new link, median', ours(OURS_NEW), '<=', MOST_NEW_MS)
    ],
    leftOut: [...leftOut, ...failed]
  }),
  options,
  charts
)

async function runOnce(peer: Peer, work: Omit<SmallJob, 'role' | 'state'>, state: string): Promise<SmallReport> {
  const script = ['helia', 'webtorrent'].includes(peer.name)
    ? outside(`${peer.name}/small.js`)
    : source(`peers/${peer.name}-small.ts`)
  const start = async (role: SmallJob['role']): Promise<Running> => {
    const own = join(state, role)
    await mkdir(own, { recursive: true })
    return new Running(nodeCommand(script, { ...work, role, state: own } satisfies SmallJob))
  }
  try {
    const seeder = await start('seed')
    const seeders = [await seeder.line('READY', TIMEOUT_MS)]
    const leecher = await start('leech')
    await leecher.line('READY', TIMEOUT_MS)
    leecher.say(JSON.stringify({ seeders, leechers: [] } satisfies Others))
    return JSON.parse(await leecher.line('DONE', TIMEOUT_MS)) as SmallReport
  } finally {
    await killAll()
    await rm(state, { recursive: true, force: true })
  }
}

function toRow(peer: string, how: string, runs: readonly (readonly number[])[]) {
  const at = (percent: number) => spread(runs.map((times) => percentile(times, percent)))
  return { peer, how, p50: at(50), p95: at(95), p99: at(99), count: runs[0]?.length }
}

function charts(report: Report): Record<string, string> {
  return {
    [report.name]: barChart({
      title: report.title,
      caption: caption(report),
      categories: rows.map(({ peer, how }) => `${peer}: ${how}`),
      value: { label: 'milliseconds, logarithmic; whiskers over the rounds', log: 10, min: 0.01 },
      digits: 2,
      series: [
        {
          name: 'median',
          values: rows.map(({ p50 }) => p50?.median ?? null),
          ranges: rows.map(({ p50 }) => (p50 === undefined ? null : [p50.min, p50.max]))
        }
      ]
    })
  }
}
