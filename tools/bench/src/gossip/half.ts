import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster, Member } from './cluster.ts'

/** Something is announced so often, by one after the other: nobody is heard more than twice a second. */
const SAY_MS = 250
const SAYINGS = 60

/** Announcements that are on their way when the last is made. */
const ARRIVE_MS = 5000

/** How long the views may take. */
const MOST_MS = 90_000
const LOOK_MS = 250

/** Half of the nodes end in the same moment. Times in milliseconds since then. */
export interface HalfRun {
  readonly killed: number
  readonly survivors: number
  /** Until every view of a survivor is right; `undefined`: not in 90 s. */
  readonly rightMs: number | undefined
  /** What was announced from then on reached all survivors; `undefined`: the last did not. */
  readonly deliveredMs: number | undefined
  readonly announced: number
  /** Of them, those that somebody did not hear. */
  readonly lost: number
}

/** SIGKILL to processes that hold half of the nodes; the others announce things meanwhile. */
export async function killHalf(cluster: Cluster, log: (text: string) => void): Promise<HalfRun> {
  const before = cluster.members.length
  const hosts = [...cluster.hosts].sort(() => Math.random() - 0.5)
  const gone: Member[] = []
  const victims = hosts.filter((host) => {
    const own = cluster.members.filter((member) => member.host === host)
    const fits = gone.length + own.length <= before / 2
    gone.push(...(fits ? own : []))
    return fits
  })
  for (const member of gone) {
    cluster.forget(member)
  }
  const startedAt = performance.now()
  for (const host of victims) {
    host.signal('SIGKILL')
  }
  const [rightMs, announced] = await Promise.all([untilRight(cluster, startedAt), announce(cluster, startedAt)])
  const heard = (await Promise.all(cluster.hosts.map(async (host) => host.ask<'heard'>({ type: 'heard' })))).flat()
  // who says it does not hear it
  const isLost = ({ name }: Announced): boolean =>
    heard.filter((names) => names.includes(name)).length < cluster.members.length - 1
  const lastLost = announced.findLastIndex(isLost)
  const run = {
    killed: gone.length,
    survivors: cluster.members.length,
    rightMs,
    deliveredMs: lastLost === -1 ? 0 : announced[lastLost + 1]?.atMs,
    announced: announced.length,
    lost: announced.filter(isLost).length
  }
  log(
    `${run.killed} of ${before} killed at once: views right after ${rightMs?.toFixed(0) ?? '-'} ms; ` +
      `${run.lost} of ${run.announced} announcements did not reach all, none from ${run.deliveredMs?.toFixed(0) ?? '-'} ms on`
  )
  return run
}

interface Announced {
  readonly name: string
  readonly atMs: number
}

async function untilRight(cluster: Cluster, startedAt: number): Promise<number | undefined> {
  while (performance.now() - startedAt < MOST_MS) {
    if (await cluster.isRight()) {
      return performance.now() - startedAt
    }
    await sleep(LOOK_MS)
  }
  return undefined
}

/** Everybody in turn. Resolves when the last announcement has had its time. */
async function announce(cluster: Cluster, startedAt: number): Promise<Announced[]> {
  const announced: Announced[] = []
  for (let n = 0; n < SAYINGS; n++) {
    const speaker = cluster.members[n % cluster.members.length]
    if (speaker !== undefined) {
      const name = `announcement ${n}`
      announced.push({ name, atMs: performance.now() - startedAt })
      await speaker.host.ask<'say'>({ type: 'say', node: speaker.index, name })
    }
    await sleep(Math.max(0, startedAt + (n + 1) * SAY_MS - performance.now()))
  }
  await sleep(ARRIVE_MS)
  return announced
}
