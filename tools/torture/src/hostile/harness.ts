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
import { Child } from './child.ts'
import type { Vitals } from './vitals.ts'

const MIB = 1024 * 1024

/** Connections of the seeder under test. */
const HOSTILE = 200
const HONEST = 100

/** Of the honest ones so many fetch, each at this rate: what the seeder can do beside computing for its attackers. */
const RECEIVERS = 4
const RECEIVER_BYTES_PER_SECOND = 8 * MIB

/** How long hostile connections are there before the download that is measured begins. */
const SETTLE_MS = 5000

const MAX_RSS_BYTES = 512 * MIB
const MAX_LAG_MS = 50
const MIN_RATE_PART = 0.7

interface Run {
  readonly rssBytes: number
  readonly lagP99Ms: number
  readonly ratePart: number
  readonly connections: number
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
    for (let seed = first; seed < first + runs && performance.now() - began < seconds * 1000; seed++) {
      const again = `npm run torture:hostile -- --seed ${seed}`
      try {
        const run = await runHostile(seed, target, directory, (what) => {
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
  const most = (of: (run: Run) => number): number => Math.max(0, ...results.map(of))
  return {
    name: 'hostile',
    extent: `${results.length} runs: ${HOSTILE} hostile and ${HONEST} honest connections, ${RECEIVERS} of which fetch ${bytes / MIB} MiB each`,
    seconds: (performance.now() - began) / 1000,
    figures: {
      'connections that the seeder had': `${most(({ connections }) => connections)} at most`,
      'memory of the seeder (RSS)': `${(most(({ rssBytes }) => rssBytes) / MIB).toFixed(0)} MiB at most (goal ${MAX_RSS_BYTES / MIB} MiB)`,
      'event loop late, 99 of 100 times': `${most(({ lagP99Ms }) => lagP99Ms).toFixed(1)} ms at most (goal ${MAX_LAG_MS} ms)`,
      'rate of the honest ones': `${(100 * Math.min(Infinity, ...results.map(({ ratePart }) => ratePart))).toFixed(0)} % at least of that without the hostile ones (goal ${100 * MIN_RATE_PART} %)`
    },
    violations
  }
}

function problemsOf({ rssBytes, lagP99Ms, ratePart }: Run): string[] {
  return [
    ...(rssBytes > MAX_RSS_BYTES ? [`${(rssBytes / MIB).toFixed(0)} MiB of memory`] : []),
    ...(lagP99Ms > MAX_LAG_MS ? [`the event loop was ${lagP99Ms.toFixed(0)} ms late`] : []),
    ...(ratePart < MIN_RATE_PART ? [`${(100 * ratePart).toFixed(0)} % of the rate`] : [])
  ]
}

async function runHostile(seed: number, target: Target, directory: string, tell: Tell): Promise<Run> {
  const vitals: Vitals[] = []
  const home = join(directory, `home-${seed}`)
  const seeder = new Child('./life.ts', [target.path, home], (line) => {
    vitals.push(JSON.parse(line) as Vitals)
  })
  const friends: LightNode[] = []
  let attackers: Child | undefined
  try {
    const { root, peer, addresses } = JSON.parse(await seeder.first) as Record<'root' | 'peer', string> & {
      addresses: string[]
    }
    const [address = ''] = addresses
    const provider: Provider = { id: peerIdFromString(peer), multiaddrs: [multiaddr(address)] }
    tell('honest connections')
    friends.push(...(await Promise.all(Array.from({ length: HONEST - RECEIVERS }, async () => startNode()))))
    await connectAll(friends, address)
    tell('downloads among honest connections')
    const clean = await fetchAll(target, provider, directory)
    tell('hostile connections')
    attackers = new Child('./attackers-life.ts', [`${seed}`, `${HOSTILE}`, address, root, `${target.map.leafCount}`])
    await attackers.first
    await sleep(SETTLE_MS)
    vitals.length = 0
    seeder.mark()
    tell('downloads among hostile connections')
    const attacked = await fetchAll(target, provider, directory)
    seeder.mustLive()
    return {
      rssBytes: Math.max(0, ...vitals.map(({ rssBytes }) => rssBytes)),
      lagP99Ms: vitals.at(-1)?.lagP99Ms ?? 0,
      connections: Math.max(0, ...vitals.map(({ connections }) => connections)),
      ratePart: clean / attacked
    }
  } finally {
    await attackers?.end()
    await Promise.all(friends.map(async (friend) => friend.stop()))
    await seeder.end()
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
