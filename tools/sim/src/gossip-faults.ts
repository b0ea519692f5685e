import type { Evidence } from '@p2pshare/gossip/membership'
import { flap } from '@p2pshare/testkit/sim'
import type { ScenarioRun, Samples } from './figures.ts'
import { lie } from './gossip-liars.ts'
import { Meter, sentBy } from './gossip-meter.ts'
import { eventSamples, run } from './gossip-runs.ts'
import type { Setting } from './gossip-runs.ts'
import type { Cluster } from './gossip-shipped.ts'

/** How often the views are looked at. */
const LOOK_MS = 100

/** Virtual time from now until every view is right; `Infinity` when it is not by then. */
function untilRight({ simulation }: Cluster, limitMs: number): number {
  const start = simulation.now
  while (simulation.now - start < limitMs) {
    simulation.run(simulation.now + LOOK_MS)
    if (simulation.views.wrongViewers() === 0) {
      return simulation.now - start
    }
  }
  return Infinity
}

function sentEach(cluster: Cluster): number {
  const { simulation } = cluster
  let bytes = 0
  for (let member = 0; member < simulation.capacity; member++) {
    bytes += sentBy(cluster, member)
  }
  return bytes / simulation.views.upCount
}

/** Two halves that cannot reach each other, and then can. */
export function partition(setting: Setting, seed: number, ms: number): ScenarioRun {
  return run(setting, seed, 0, (cluster) => {
    const { simulation } = cluster
    const random = simulation.random.fork('halves')
    const order = random.shuffle(Array.from({ length: setting.members }, (_, member) => member))
    const sides = new Uint8Array(simulation.capacity)
    for (const member of order.slice(0, setting.members / 2)) {
      sides[member] = 1
    }
    simulation.network.partition((member) => sides[member] ?? 0)
    // a view of one half: everybody holds the other half dead
    let splitMs = Infinity
    const start = simulation.now
    while (simulation.now - start < ms) {
      simulation.run(Math.min(start + ms, simulation.now + 1000))
      const { missing } = simulation.views.wrongEntries()
      if (splitMs === Infinity && missing >= setting.members * (setting.members / 2 - 1)) {
        splitMs = simulation.now - start
      }
    }
    const meter = new Meter(cluster)
    const before = sentEach(cluster)
    simulation.network.heal()
    const healMs = untilRight(cluster, 300_000)
    const healBytes = sentEach(cluster) - before
    const perMinute = 60_000 - (simulation.now - start - ms)
    simulation.run(simulation.now + Math.max(0, perMinute))
    return {
      ...meter.samples(),
      split: [splitMs],
      heal: [healMs],
      healBytes: [healBytes],
      minuteBytes: [sentEach(cluster) - before]
    }
  })
}

/** A part of the members ends in the same moment. */
export function killMany(setting: Setting, seed: number, share: number, reset: boolean): ScenarioRun {
  return run(setting, seed, 0, (cluster) => {
    const { simulation } = cluster
    const meter = new Meter(cluster)
    const order = simulation.random.shuffle(Array.from({ length: setting.members }, (_, member) => member))
    for (const member of order.slice(0, Math.round(share * setting.members))) {
      simulation.crash(member, { reset })
    }
    const right = untilRight(cluster, 300_000)
    const samples = meter.samples()
    simulation.run(simulation.now + 60_000)
    return { ...samples, right: [right] }
  })
}

/** A share of the members lies for as long as it runs. */
export function liars(setting: Setting, seed: number, ms: number, evidence: Evidence, share = 0.2): ScenarioRun {
  return run(setting, seed, 0, (cluster) => {
    const { simulation } = cluster
    // what is said of the liars does not matter
    for (const liar of lie(cluster, { share, evidence })) {
      simulation.views.markStalled(liar)
    }
    const meter = new Meter(cluster)
    simulation.run(simulation.now + ms)
    return { ...meter.samples(), ...honest(cluster, meter.fromMs) }
  })
}

/** What the honest ones sent. */
function honest(cluster: Cluster, fromMs: number): Samples {
  const { simulation } = cluster
  const seconds = (simulation.now - fromMs) / 1000
  const rates: number[] = []
  for (let member = 0; member < simulation.members; member++) {
    if (!simulation.views.isMarked(member)) {
      rates.push(sentBy(cluster, member) / seconds)
    }
  }
  return { honestBytesPerSecond: [rates.reduce((sum, rate) => sum + rate, 0) / rates.length] }
}

/** Five members go down and come back, again and again. */
export function flapping(setting: Setting, seed: number, ms: number): ScenarioRun {
  return run(setting, seed, 0, (cluster) => {
    const { simulation } = cluster
    const meter = new Meter(cluster)
    const members = [0, 1, 2, 3, 4]
    for (const member of members) {
      simulation.views.markStalled(member)
    }
    flap(simulation, { members })
    simulation.run(simulation.now + ms)
    return { ...meter.samples(), ...eventSamples(cluster) }
  })
}

/** Nothing happens for an hour: how fast is the simulator? */
export function quiet(setting: Setting, seed: number, ms: number): ScenarioRun {
  return run(setting, seed, 0, (cluster) => {
    const meter = new Meter(cluster)
    cluster.simulation.run(cluster.simulation.now + ms)
    return meter.samples()
  })
}

/** One member stands still for some seconds: when the others suspect it, and when they have it back. */
export function oneStall(setting: Setting, seed: number, stallMs: number, events = 6): ScenarioRun {
  return run(setting, seed, 0, (cluster) => {
    const { simulation } = cluster
    const meter = new Meter(cluster)
    const [suspect, suspectAll, back, backAll]: [number[], number[], number[], number[]] = [[], [], [], []]
    for (let at = 0; at < events; at++) {
      const member = simulation.pickUp() ?? 0
      const start = simulation.now
      const suspectedAt = new Map<number, number>()
      const backAt = new Map<number, number>()
      simulation.views.onChange = (viewer, subject, type, now) => {
        if (subject === member && (type === 'suspect' || type === 'dead') && !suspectedAt.has(viewer)) {
          suspectedAt.set(viewer, now - start)
        } else if (subject === member && (type === 'alive' || type === 'join')) {
          backAt.set(viewer, now - start - stallMs)
        }
      }
      simulation.stall(member, 'process', stallMs)
      simulation.run(simulation.now + stallMs + 20_000)
      simulation.views.onChange = undefined
      suspect.push(...suspectedAt.values())
      suspectAll.push(Math.max(...suspectedAt.values()))
      back.push(...[...backAt.values()].map((ms) => Math.max(0, ms)))
      backAll.push(Math.max(0, ...backAt.values()))
    }
    return { ...meter.samples(), suspect, 'suspect all': suspectAll, back, 'back all': backAll }
  })
}
