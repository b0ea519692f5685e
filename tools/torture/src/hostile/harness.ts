import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import type { Provider } from '@p2pshare/interface'
import { startNode } from '../byzantine/nodes.ts'
import type { LightNode } from '../byzantine/nodes.ts'
import { makeTarget } from '../byzantine/target.ts'
import type { Target } from '../byzantine/target.ts'
import { must } from '../errors.ts'
import type { HarnessResult, Tell } from '../result.ts'
import { bundledLife } from './bundled-life.ts'
import { Child } from './child.ts'
import type { CrowdVitals, Vitals } from './vitals.ts'

const MIB = 1024 * 1024

/** Connections of the seeder under test. */
const HOSTILE = 200
const HONEST = 100

/** Of the honest ones so many fetch, each at this rate: what the seeder can do beside computing for its attackers. */
const RECEIVERS = 4
const RECEIVER_BYTES_PER_SECOND = 8 * MIB

/** How long hostile connections are there before the download that is measured begins. */
const SETTLE_MS = 5000

/** How often it is looked whether they are there. */
const LOOK_MS = 100

/** As many honest connections are there by then, or something else is wrong. */
const CROWD_MS = 60_000

const MAX_RSS_BYTES = 512 * MIB
const MAX_LAG_MS = 50
const MIN_RATE_PART = 0.7

/** How the seeder was during one round of downloads. */
interface Round {
  readonly tookMs: number
  readonly most: Vitals
  readonly lagP99Ms: number
  readonly crowd: CrowdVitals
}

interface Run {
  /** Beside as many connections that do nothing. */
  readonly quiet: Round
  readonly attacked: Round
}

/** What all runs have in common. */
interface Setting {
  readonly target: Target
  readonly directory: string
  /** The program of the node under test. */
  readonly life: string
}

export interface HostileExtent {
  readonly runs: number
  readonly first: number
  readonly bytes: number
  /** No run begins after so many seconds. */
  readonly seconds: number
}

/** A seeder among hostile connections. */
export async function hostile({ runs, first, bytes, seconds }: HostileExtent, tell: Tell): Promise<HarnessResult> {
  const began = performance.now()
  const violations: string[] = []
  const results: Run[] = []
  const directory = await mkdtemp(join(tmpdir(), 'p2pshare-hostile-'))
  try {
    const target = await makeTarget(directory, bytes)
    const life = bundledLife()
    for (let seed = first; seed < first + runs && performance.now() - began < seconds * 1000; seed++) {
      const again = `npm run torture:hostile -- --seed ${seed}`
      try {
        const run = await runHostile(seed, { target, directory, life }, (what) => {
          tell(`hostile: seed ${seed}, ${what}`)
        })
        results.push(run)
        violations.push(...problemsOf(run).map((problem) => `${problem}; ${again}`))
      } catch (error) {
        violations.push(`${String(error)}; ${again}`)
      }
      tell(`hostile: ${seed - first + 1} of ${runs}, ${violations.length} violations`)
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
  return {
    name: 'hostile',
    extent: `${results.length} runs: ${HONEST} honest connections, ${RECEIVERS} of which fetch ${bytes / MIB} MiB each, and ${HOSTILE} that are honest and idle first, and hostile then, in a process of lower priority`,
    seconds: (performance.now() - began) / 1000,
    figures: results.length === 0 ? {} : figuresOf(results),
    violations
  }
}

function figuresOf(results: readonly Run[]): Record<string, string> {
  const most = (of: (run: Run) => number): number => Math.max(...results.map(of))
  const mib = (of: (run: Run) => number): string => (most(of) / MIB).toFixed(0)
  const least = Math.min(...results.map(ratePartOf))
  return {
    'libp2p connections that the seeder had': `${most(({ quiet }) => quiet.most.connections)} among idle ones, ${most(({ attacked }) => attacked.most.connections)} among hostile ones, at most`,
    'memory of the seeder (RSS)': `${mib(({ attacked }) => attacked.most.rssBytes)} MiB at most (goal ${MAX_RSS_BYTES / MIB} MiB), ${mib(({ quiet }) => quiet.most.rssBytes)} MiB among idle ones; ${mib(({ attacked }) => attacked.most.heapBytes)} MiB of it heap, ${mib(({ attacked }) => attacked.most.bufferBytes)} MiB buffers`,
    'event loop late, 99 of 100 times': `${most(({ attacked }) => attacked.lagP99Ms).toFixed(1)} ms at most (goal ${MAX_LAG_MS} ms), ${most(({ quiet }) => quiet.lagP99Ms).toFixed(1)} ms among idle ones`,
    'rate of the honest ones': `${(100 * least).toFixed(0)} % at least of that among as many idle ones (goal ${100 * MIN_RATE_PART} %)`,
    'hostile streams and writes a second': `${Math.min(...results.map(({ attacked }) => perSecond(attacked))).toFixed(0)} at least, with ${most(({ attacked }) => attacked.crowd.cpuMs / attacked.tookMs).toFixed(2)} of a core at most`
  }
}

function perSecond({ crowd, tookMs }: Round): number {
  return crowd.acts / (tookMs / 1000)
}

function ratePartOf({ quiet, attacked }: Run): number {
  return quiet.tookMs / attacked.tookMs
}

function problemsOf(run: Run): string[] {
  const { most, lagP99Ms } = run.attacked
  return [
    ...(most.rssBytes > MAX_RSS_BYTES ? [`${(most.rssBytes / MIB).toFixed(0)} MiB of memory`] : []),
    ...(lagP99Ms > MAX_LAG_MS ? [`the event loop was ${lagP99Ms.toFixed(0)} ms late`] : []),
    ...(ratePartOf(run) < MIN_RATE_PART ? [`${(100 * ratePartOf(run)).toFixed(0)} % of the rate`] : [])
  ]
}

async function runHostile(seed: number, { target, directory, life }: Setting, tell: Tell): Promise<Run> {
  const vitals: Vitals[] = []
  const home = join(directory, `home-${seed}`)
  const seeder = new Child(life, [target.path, home], (line) => {
    vitals.push(JSON.parse(line) as Vitals)
  })
  const friends: LightNode[] = []
  try {
    const { root, peer, addresses } = JSON.parse(await seeder.first) as Record<'root' | 'peer', string> & {
      addresses: string[]
    }
    const [address = ''] = addresses
    const provider: Provider = { id: peerIdFromString(peer), multiaddrs: [multiaddr(address)] }
    tell('honest connections')
    friends.push(...(await Promise.all(Array.from({ length: HONEST - RECEIVERS }, async () => startNode()))))
    await connectAll(friends, address)
    const crowdArgs = [`${seed}`, `${HOSTILE}`, address, root, `${target.map.leafCount}`]
    const round = async (kind: 'honest' | 'hostile', ready: () => Promise<unknown>): Promise<Round> => {
      let crowd: CrowdVitals = { acts: 0, connections: 0, cpuMs: 0 }
      tell(`${kind} connections`)
      const child = new Child('./crowd-life.ts', [kind, ...crowdArgs], (line) => {
        crowd = JSON.parse(line) as CrowdVitals
      })
      try {
        await child.first
        await ready()
        vitals.length = 0
        seeder.mark()
        const before = crowd
        tell(`downloads among ${kind} connections`)
        const tookMs = await fetchAll(target, provider, directory)
        seeder.mustLive()
        child.mustLive()
        return { tookMs, most: mostOf(vitals), lagP99Ms: vitals.at(-1)?.lagP99Ms ?? 0, crowd: since(before, crowd) }
      } finally {
        await child.end()
      }
    }
    const all = HONEST - RECEIVERS + HOSTILE
    const quiet = await round('honest', async () => until(() => (vitals.at(-1)?.connections ?? 0) >= all, CROWD_MS))
    await until(() => (vitals.at(-1)?.connections ?? all) <= HONEST, CROWD_MS)
    const attacked = await round('hostile', async () => sleep(SETTLE_MS))
    return { quiet, attacked }
  } finally {
    await Promise.all(friends.map(async (friend) => friend.stop()))
    await seeder.end()
  }
}

function mostOf(vitals: readonly Vitals[]): Vitals {
  const most = (name: keyof Vitals): number => Math.max(0, ...vitals.map((each) => each[name]))
  return {
    rssBytes: most('rssBytes'),
    heapBytes: most('heapBytes'),
    bufferBytes: most('bufferBytes'),
    connections: most('connections'),
    cpuMs: most('cpuMs'),
    sentBytes: most('sentBytes'),
    lagP99Ms: most('lagP99Ms'),
    lagMaxMs: most('lagMaxMs')
  }
}

function since(before: CrowdVitals, now: CrowdVitals): CrowdVitals {
  return {
    acts: now.acts - before.acts,
    connections: now.connections - before.connections,
    cpuMs: now.cpuMs - before.cpuMs
  }
}

/** @throws ViolationError when it does not come about */
async function until(holds: () => boolean, withinMs: number): Promise<void> {
  for (const began = performance.now(); !holds();) {
    must(performance.now() - began < withinMs, 'the connections did not come, or did not go')
    await sleep(LOOK_MS)
  }
}

/** A few at a time: more than a seeder takes in at once are refused. */
async function connectAll(nodes: readonly LightNode[], address: string): Promise<void> {
  for (const { libp2p } of nodes) {
    await libp2p.dial(multiaddr(address))
  }
}

/** Each of the receivers fetches all of it. Returns the milliseconds until the last one is done. */
async function fetchAll(target: Target, provider: Provider, directory: string): Promise<number> {
  const began = performance.now()
  await Promise.all(
    Array.from({ length: RECEIVERS }, async (_, at) => {
      const receiver = await startNode({ downloadBytesPerSecond: RECEIVER_BYTES_PER_SECOND })
      const name = `copy-${at}`
      try {
        const options = { output: directory, name, providers: [provider], seed: false }
        let last = ''
        for await (const { type } of receiver.services.transfer.get(target.map.root, options)) {
          last = type
        }
        must(last === 'done', 'a download ended without a word')
      } finally {
        await receiver.stop()
        await rm(join(directory, name), { force: true })
      }
    })
  )
  return performance.now() - began
}
