import { setTimeout as sleep } from 'node:timers/promises'
import { waitForQuiet } from '../harness/quiet.ts'
import { median } from '../harness/stats.ts'
import { Cluster } from './cluster.ts'
import { churn, silence, stall } from './disturb.ts'
import type { Spreading } from './figures.ts'
import { killHalf } from './half.ts'
import type { HalfRun } from './half.ts'
import type { Host } from './host.ts'

/** As long as the simulation's: links are made and first comparisons over. */
const WARM_MS = 20_000
const QUIET_MS = 20_000

/** A ping that is answered is two messages sent and received, by two nodes together. */
const MESSAGES_AN_ANSWER = 4

/** A newcomer hears of all with its first contact, and of what it missed with the next comparison, in half a minute. */
const FORM_MS = 120_000

export interface GossipRunInit {
  readonly members: number
  readonly perProcess: number
  readonly profile: string
  /** Joins and leaves (twice as many joins: each kill is made up for by one), and kills. */
  readonly rounds: number
  /** Crashes without a word. */
  readonly silent: number
  readonly stalls: number
  readonly quietMs: number
  readonly log: (text: string) => void
}

/** What a node costs while nothing happens. */
export interface QuietCost {
  readonly bytesPerSecond: number
  /** Of one core. */
  readonly cpuPercent: number
  readonly opensPerMinute: number
  readonly links: number
  /** Sent and received, in a second. */
  readonly messagesPerSecond: number
  /** Round trips over the links. */
  readonly rttMs: readonly number[]
}

export interface GossipRun {
  readonly members: number
  readonly formedMs: number
  readonly quiet: QuietCost
  readonly events: readonly Spreading[]
  /** Of newcomers. */
  readonly dialsMs: readonly number[]
  readonly half: HalfRun
}

/** One network: formed, left in peace for a while, then disturbed, one thing at a time. */
export async function runGossip(init: GossipRunInit): Promise<GossipRun> {
  const { members, perProcess, profile, rounds, silent, stalls, log } = init
  const startedAt = performance.now()
  const cluster = await Cluster.start({ members, perProcess, alone: Math.min(4, members - 1), profile })
  try {
    if (!(await cluster.untilWhole(FORM_MS))) {
      const known = (await cluster.alive()).join(' ')
      throw new Error(`${members} nodes did not all find each other in ${FORM_MS / 1000} s: they know ${known}`)
    }
    const formedMs = performance.now() - startedAt
    log(`${members} nodes in ${cluster.hosts.length} processes know each other after ${(formedMs / 1000).toFixed(1)} s`)
    await sleep(WARM_MS)
    await waitForQuiet(init.quietMs)
    const quiet = await quietCost(cluster)
    log(
      `quiet: ${quiet.bytesPerSecond.toFixed(0)} B/s and ${quiet.cpuPercent.toFixed(2)} % of a core a node, ` +
        `${quiet.links} links, ${quiet.opensPerMinute.toFixed(2)} opens a minute`
    )
    const events: Spreading[] = []
    for (let round = 0; round < rounds; round++) {
      events.push(...(await churn(cluster, log)))
    }
    for (let n = 0; n < silent; n++) {
      events.push(...(await silence(cluster, log)))
    }
    for (let n = 0; n < stalls; n++) {
      events.push(...(await stall(cluster, log)))
    }
    return { members, formedMs, quiet, events, dialsMs: cluster.dialsMs, half: await killHalf(cluster, log) }
  } finally {
    cluster.end()
  }
}

async function quietCost(cluster: Cluster): Promise<QuietCost> {
  const costs = (): { host: Host; cpuSeconds: number; sentBytes: number }[] =>
    cluster.hosts.map((host) => ({ host, ...host.cost() }))
  const atFirst = await cluster.connections()
  const [before, startedAt] = [costs(), performance.now()]
  await sleep(QUIET_MS)
  const [after, seconds] = [costs(), (performance.now() - startedAt) / 1000]
  const { opened, answered, links, rttMs } = await cluster.connections()
  const count = cluster.members.length
  const sum = (pick: (at: number) => number): number => before.reduce((total, _, at) => total + pick(at), 0)
  return {
    bytesPerSecond: sum((at) => (after[at]?.sentBytes ?? 0) - (before[at]?.sentBytes ?? 0)) / count / seconds,
    cpuPercent: (100 * sum((at) => (after[at]?.cpuSeconds ?? 0) - (before[at]?.cpuSeconds ?? 0))) / count / seconds,
    opensPerMinute: ((opened - atFirst.opened) * 60) / count / seconds,
    links: median(links),
    messagesPerSecond: (MESSAGES_AN_ANSWER * (answered - atFirst.answered)) / count / seconds,
    rttMs
  }
}
