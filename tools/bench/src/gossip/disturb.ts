import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster, Member } from './cluster.ts'
import { spreading } from './figures.ts'
import type { EventKind, Spreading, TrackedEvent } from './figures.ts'

const STALL_MS = 10_000

/** One thing at a time: between what happens and the next. The simulation's joins and leaves are four seconds apart. */
const PAUSE_MS = 2000

/** How long the bench waits for the last viewer. */
const MOST_MS: Readonly<Record<EventKind, number>> = {
  join: 15_000,
  leave: 15_000,
  kill: 60_000,
  silent: 60_000,
  stall: 15_000,
  back: 30_000
}

/** A join, a clean leave, a crash, and a join in its place. */
export async function churn(cluster: Cluster, log: (text: string) => void): Promise<Spreading[]> {
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
  const events = [joined, left, killed, await replace(cluster)]
  log(events.map(describe).join('; '))
  return events
}

/** A process stands still for good: its connections stay open, and nobody answers. Then a join in its place. */
export async function silence(cluster: Cluster, log: (text: string) => void): Promise<Spreading[]> {
  const victim = pick(cluster.single)
  const silent = await happen(cluster, 'silent', victim, () => {
    cluster.forget(victim)
    const at = Date.now()
    victim.host.signal('SIGSTOP')
    return at
  })
  victim.host.signal('SIGKILL')
  const events = [silent, await replace(cluster)]
  log(events.map(describe).join('; '))
  return events
}

async function replace(cluster: Cluster): Promise<Spreading> {
  const substitute = await cluster.spawn()
  return happen(cluster, 'join', substitute, async () => cluster.admit(substitute))
}

/** A process stands still and goes on. */
export async function stall(cluster: Cluster, log: (text: string) => void): Promise<Spreading[]> {
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
  await sleep(PAUSE_MS)
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
