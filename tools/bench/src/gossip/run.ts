import { setTimeout as sleep } from 'node:timers/promises'
import { waitForQuiet } from '../harness/quiet.ts'
import { median } from '../harness/stats.ts'
import { Cluster } from './cluster.ts'
import type { Member } from './cluster.ts'
import { spreading } from './figures.ts'
import type { EventKind, Spreading, TrackedEvent } from './figures.ts'
import type { Host } from './host.ts'

/** As long as the simulation's: links are made and first comparisons over. */
const WARM_MS = 20_000
const QUIET_MS = 20_000

/** A ping that is answered is two messages sent and received, by two nodes together. */
const MESSAGES_AN_ANSWER = 4

/** A newcomer hears of all with its first contact, and of what it missed with the next comparison, in half a minute. */
const FORM_MS = 120_000
const STALL_MS = 10_000

/** How long the bench waits for the last viewer. */
const MOST_MS: Readonly<Record<EventKind, number>> = {
  join: 15_000,
  leave: 15_000,
  kill: 60_000,
  stall: 15_000,
  back: 30_000
}

export interface GossipRunInit {
  readonly members: number
  readonly perProcess: number
  readonly profile: string
  /** Joins and leaves (twice as many joins: each kill is made up for by one), and kills. */
  readonly rounds: number
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
}

/** One network: formed, left in peace for a while, then disturbed, one thing at a time. */
export async function runGossip(init: GossipRunInit): Promise<GossipRun> {
  const { members, perProcess, profile, rounds, stalls, log } = init
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
    for (let n = 0; n < stalls; n++) {
      events.push(...(await stall(cluster, log)))
    }
    return { members, formedMs, quiet, events, dialsMs: cluster.dialsMs }
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

/** A join, a clean leave, a crash, and a join in its place. */
async function churn(cluster: Cluster, log: (text: string) => void): Promise<Spreading[]> {
  const newcomer = await cluster.spawn()
  const joined = await happen(cluster, 'join', newcomer, async () => cluster.admit(newcomer))
  const left = await happen(cluster, 'leave', newcomer, async () => {
    cluster.forget(newcomer)
    return newcomer.host.ask<'leave'>({ type: 'leave', node: newcomer.index })
  })
  newcomer.host.end()
  const victim = pick(cluster.single)
  const killed = await happen(cluster, 'kill', victim, () => {
    cluster.forget(victim)
    const at = Date.now()
    victim.host.signal('SIGKILL')
    return at
  })
  const substitute = await cluster.spawn()
  const replaced = await happen(cluster, 'join', substitute, async () => cluster.admit(substitute))
  const events = [joined, left, killed, replaced]
  log(events.map(describe).join('; '))
  return events
}

/** A process stands still and goes on. */
async function stall(cluster: Cluster, log: (text: string) => void): Promise<Spreading[]> {
  const member = pick(cluster.single)
  await cluster.take()
  cluster.forget(member) // it answers no questions meanwhile
  const viewers = new Set(cluster.members.map(({ address }) => address.id))
  const event = { kind: 'stall', subject: member.address.id, startMs: Date.now(), viewers } as const
  member.host.signal('SIGSTOP')
  await sleep(STALL_MS)
  const resumedMs = Date.now()
  member.host.signal('SIGCONT')
  cluster.members.push(member)
  const stalled = spreading(event, await cluster.untilSeen(() => true, 0))
  // only those that held it against the member have to think again
  const doubters = new Set(
    (await cluster.untilSeen(() => true, 0))
      .filter(({ subject, change }) => subject === event.subject && (change === 'suspect' || change === 'dead'))
      .map(({ viewer }) => viewer)
  )
  const back: TrackedEvent = { kind: 'back', subject: event.subject, startMs: resumedMs, viewers: doubters }
  const seen = await cluster.untilSeen((all) => spreading(back, all).timesMs.length === doubters.size, MOST_MS.back)
  const events = [stalled, spreading(back, seen)]
  log(events.map(describe).join('; '))
  await cluster.untilWhole(MOST_MS.back)
  await cluster.take()
  return events
}

async function happen(
  cluster: Cluster,
  kind: EventKind,
  subject: Member,
  act: () => number | Promise<number>
): Promise<Spreading> {
  await cluster.take()
  const viewers = new Set(cluster.members.filter((member) => member !== subject).map(({ address }) => address.id))
  const startMs = await act()
  const event: TrackedEvent = { kind, subject: subject.address.id, startMs, viewers }
  const seen = await cluster.untilSeen((all) => spreading(event, all).timesMs.length === viewers.size, MOST_MS[kind])
  const result = spreading(event, seen)
  await sleep(2000) // one thing at a time
  return result
}

function describe({ kind, viewers, timesMs, rounds }: Spreading): string {
  const known = timesMs.length === viewers ? '' : ` (${timesMs.length} of ${viewers})`
  return `${kind} ${timesMs[Math.floor(timesMs.length / 2)] ?? '-'}/${timesMs.at(-1) ?? '-'} ms in ${rounds}${known}`
}

function pick<T>(items: readonly T[]): T {
  const item = items[Math.floor(Math.random() * items.length)]
  if (item === undefined) {
    throw new Error('nobody is left')
  }
  return item
}
