// npm run bench:start: from spawn to listening, and from SIGTERM to a clean end, of whole processes.
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { barChart } from '@p2pshare/charts'
import { inTemporaryDirectory } from './harness/files.ts'
import { finish } from './harness/finish.ts'
import { parseOptions } from './harness/options.ts'
import { nodeCommand, outside, packageVersion, PEERS, source } from './harness/peers.ts'
import { caption, count, goal, newReport } from './harness/report.ts'
import type { Report } from './harness/report.ts'
import { runRounds } from './harness/rounds.ts'
import { ANY_LINE, killAll, Running } from './harness/running.ts'
import type { Command } from './harness/running.ts'
import { spread } from './harness/stats.ts'

const TIMEOUT_MS = 30_000
const MOST_MS = 200
const SMALL_FILE = 'small.bin'
const SMALL_BYTES = 4096

interface Starter {
  readonly name: string
  readonly what: string
  readonly version: string | undefined
  readonly install?: string
  command(directory: string): Command
}

interface StartRun {
  readonly listeningMs: number
  readonly stopMs: number
  readonly peakMiB: number
}

const STARTERS: readonly Starter[] = [
  {
    name: 'node',
    what: 'bare Node that prints a line and waits: nothing listens',
    version: process.versions.node,
    command: () =>
      node(['-e', 'process.once("SIGTERM",()=>process.exit(0));setInterval(()=>{},1e6);console.log("READY")'])
  },
  {
    name: 'p2pshare',
    what: '`p2pshare share` of a 4 KiB file up to its ticket: DHT, gossip and transfer run, a home on disk',
    version: packageVersion('@p2pshare/cli'),
    command: (directory) => node([cli(), ...cliArguments(directory)])
  },
  {
    name: 'libp2p',
    what: 'js-libp2p: tcp, noise, yamux, identify',
    version: packageVersion('libp2p'),
    command: () => nodeCommand(source('peers/libp2p-start.ts'), {})
  },
  {
    name: 'libp2p-full',
    what: 'the same with ping, kad-dht and gossipsub',
    version: packageVersion('libp2p'),
    command: () => node([source('peers/libp2p-start.ts'), '--full'])
  },
  {
    name: 'webtorrent',
    what: 'a WebTorrent client without DHT, local discovery and uTP',
    version: PEERS['webtorrent']?.version(),
    install: 'npm run bench:peers',
    command: () => node([outside('webtorrent/start.js')])
  }
]

const options = parseOptions({
  summary: 'Whole processes, from spawn to listening and from SIGTERM to a clean end.',
  runs: 11,
  sizeMiB: 1,
  peers: STARTERS.map(({ name }) => name)
})
const chosen = STARTERS.filter(({ name }) => options.peers.includes(name))
const starters = chosen.filter(({ version }) => version !== undefined)

const { results, failed } = await inTemporaryDirectory(async (directory) => {
  await writeFile(join(directory, SMALL_FILE), Buffer.alloc(SMALL_BYTES, 1))
  for (const starter of starters) {
    await runOnce(starter, directory).catch(() => undefined) // caches of compiled code and of files
  }
  return runRounds({
    items: starters,
    rounds: options.runs,
    quietMs: options.quietMs,
    nameOf: ({ name }) => name,
    once: async (starter) => runOnce(starter, directory),
    describe: ({ listeningMs, stopMs }) => `${listeningMs.toFixed(0)} ms, stop ${stopMs.toFixed(0)} ms`
  })
})

const rows = [...results].map(([{ name }, runs]) => ({
  peer: name,
  listening: spread(runs.map(({ listeningMs }) => listeningMs)),
  stop: spread(runs.map(({ stopMs }) => stopMs)),
  peak: spread(runs.map(({ peakMiB }) => peakMiB)),
  runs: runs.length
}))
await finish(
  newReport({
    name: 'start',
    title: 'From start to listening',
    setting: `Whole processes, one at a time, after one start that is not counted; ${count(options.runs, 'round')}.`,
    programs: Object.fromEntries(starters.map(({ name, version = '', what }) => [name, { version, what }])),
    columns: [
      { key: 'peer', label: 'program' },
      { key: 'listening', label: 'spawn to listening, ms' },
      { key: 'stop', label: 'SIGTERM to clean end, ms' },
      { key: 'peak', label: 'peak MiB' },
      { key: 'runs', label: 'runs' }
    ],
    rows,
    goals: [goal('ms to listening', rows.find(({ peer }) => peer === 'p2pshare')?.listening?.median, '<=', MOST_MS)],
    leftOut: [
      ...chosen
        .filter((starter) => !starters.includes(starter))
        .map(({ name, install = '' }) => ({ peer: name, why: `not installed: ${install}` })),
      ...failed
    ]
  }),
  options,
  charts
)

async function runOnce({ name, command }: Starter, directory: string): Promise<StartRun> {
  await mkdir(join(directory, 'home'), { recursive: true })
  const running = new Running(command(directory))
  try {
    await running.line(ANY_LINE, TIMEOUT_MS)
    const listeningMs = performance.now() - running.startedAt
    const peakMiB = running.peakMiB()
    const stopping = performance.now()
    const code = await running.stop()
    if (code !== 0) {
      throw new Error(`${name} ended with ${code ?? 'a signal'}`)
    }
    return { listeningMs, stopMs: performance.now() - stopping, peakMiB }
  } finally {
    await killAll()
    await rm(join(directory, 'home'), { recursive: true, force: true })
  }
}

function node(args: readonly string[]): Command {
  return { program: process.execPath, args: ['--disable-warning=ExperimentalWarning', ...args] }
}

function cli(): string {
  return fileURLToPath(new URL('bin/p2pshare.js', import.meta.resolve('@p2pshare/cli/package.json')))
}

/** A home of its own each time: the identity is made anew, as for somebody who runs it for the first time. */
function cliArguments(directory: string): string[] {
  const home = join(directory, 'home')
  const share = ['share', join(directory, SMALL_FILE), '--json', '--no-mdns']
  return [...share, '--home', home, '--listen', '/ip4/127.0.0.1/tcp/0']
}

function charts(report: Report): Record<string, string> {
  return {
    [report.name]: barChart({
      title: report.title,
      caption: caption(report),
      categories: rows.map(({ peer }) => peer),
      value: { label: 'milliseconds from spawn to listening' },
      highlight: 'p2pshare',
      goals: [{ value: MOST_MS, label: `goal ${MOST_MS} ms` }],
      series: [
        {
          name: 'ms',
          values: rows.map(({ listening }) => listening?.median ?? null),
          ranges: rows.map(({ listening }) => (listening === undefined ? null : [listening.min, listening.max]))
        }
      ]
    })
  }
}
