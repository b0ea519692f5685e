import { PROFILES } from '@p2pshare/gossip/membership'
import type { MembershipProfile } from '@p2pshare/gossip/membership'
import { churn, loopbackModel, stallSome, wanModel } from '@p2pshare/testkit/sim'
import type { LoopbackInit, NetworkModel, Random } from '@p2pshare/testkit/sim'
import type { ScenarioRun, Samples } from './figures.ts'
import { faultsOf, Meter } from './gossip-meter.ts'
import { shippedCluster } from './gossip-shipped.ts'
import type { Cluster } from './gossip-shipped.ts'

/** Links are made and the first comparisons are over. */
const WARM_MS = 20_000
const HOUR_MS = 3_600_000
export const SESSION_MS = 3 * HOUR_MS

/** Ed25519 in Node on one core of the machine of the benchmarks. */
const SIGNATURE_MS = 0.2

export type Net = 'wan' | 'public' | 'lossy' | 'loopback'

export interface Setting {
  readonly members: number
  readonly net: Net
  readonly profile?: MembershipProfile
  /** What was measured where it is compared with, for `loopback`. */
  readonly loopback?: LoopbackInit
}

/** The shipped profile with the rules against false positives switched off. */
export const RULES_OFF: MembershipProfile = {
  ...PROFILES.wan,
  witnesses: 0,
  maxLocalHealth: 0,
  lateMs: Infinity,
  quorum: 1,
  suspicionMaxMs: PROFILES.wan.suspicionMinMs
}

function model({ net, loopback = {} }: Setting): (capacity: number, random: Random) => NetworkModel {
  switch (net) {
    case 'loopback':
      return () => loopbackModel(loopback)
    case 'wan':
      return (capacity, random) => wanModel(capacity, random)
    case 'public':
      return (capacity, random) => wanModel(capacity, random, { natShare: 0 })
    case 'lossy':
      return (capacity, random) => wanModel(capacity, random, { loss: 0.05 })
  }
}

/** Runs one cluster from the start; `act` lets things happen to it and says what it found. */
export function run(setting: Setting, seed: number, spare: number, act: (cluster: Cluster) => Samples): ScenarioRun {
  const before = process.cpuUsage()
  const { members, profile } = setting
  const cluster = shippedCluster({
    seed,
    members,
    spare,
    model: model(setting),
    signatureMs: setting.loopback?.cpu === undefined ? 0 : SIGNATURE_MS,
    ...(profile === undefined ? {} : { profile })
  })
  const { simulation } = cluster
  simulation.run(WARM_MS)
  const samples = act(cluster)
  const { user, system } = process.cpuUsage(before)
  return {
    seed,
    digest: simulation.network.digest,
    cpuSeconds: (user + system) / 1e6,
    virtualSeconds: simulation.now / 1000,
    events: simulation.network.events,
    samples: { ...samples, ...faultsOf(cluster) }
  }
}

/** Times of tracked events: each viewer's, and until all knew; only of viewers that stayed. */
export function eventSamples({ simulation }: Cluster, prefix = ''): Samples {
  const samples: Record<string, number[]> = {}
  const add = (name: string, value: number): void => {
    ;(samples[prefix + name] ??= []).push(value)
  }
  for (const event of simulation.views.events) {
    const viewers = event.viewers.filter((viewer) => simulation.views.isUp(viewer))
    const times = viewers.map((viewer) => (event.knownMs[viewer] ?? Infinity) - event.startedMs).sort((a, b) => a - b)
    for (const time of times) {
      add(event.kind, time)
    }
    add(`${event.kind} all`, times.at(-1) ?? NaN)
    add(`${event.kind} p99`, times[Math.ceil(0.99 * times.length) - 1] ?? NaN)
    add(`${event.kind} p50`, times[Math.ceil(0.5 * times.length) - 1] ?? NaN)
    add(`${event.kind} hops`, Math.max(...viewers.map((viewer) => event.hops[viewer] ?? 0)))
    if (event.kind === 'crash') {
      add('first suspected', event.firstSuspectedMs - event.startedMs)
      add('first dead', times[0] ?? NaN)
    } else if (event.kind === 'join') {
      add('complete', event.completeMs - event.startedMs)
    }
  }
  return samples
}

/** Joins and leaves, one at a time. */
export function spread(setting: Setting, seed: number, events = 10, everyMs = 4000): ScenarioRun {
  return run(setting, seed, events, (cluster) => {
    const { simulation } = cluster
    const meter = new Meter(cluster)
    for (let at = 0; at < events; at++) {
      const joins = simulation.spare()
      if (joins !== undefined) {
        simulation.join(joins, true)
      }
      simulation.run(simulation.now + everyMs)
      const leaves = simulation.pickUp((member) => !simulation.views.isTracked(member))
      if (leaves !== undefined) {
        simulation.leave(leaves, true)
      }
      simulation.run(simulation.now + everyMs)
    }
    simulation.run(simulation.now + 10_000)
    return { ...meter.samples(), ...eventSamples(cluster) }
  })
}

/** Crashes, one at a time. */
export function crashes(setting: Setting, seed: number, reset: boolean, events = 8, everyMs = 12_000): ScenarioRun {
  return run(setting, seed, 0, (cluster) => {
    const { simulation } = cluster
    const meter = new Meter(cluster)
    for (let at = 0; at < events; at++) {
      const gone = simulation.pickUp()
      if (gone !== undefined) {
        simulation.crash(gone, { reset, track: true })
      }
      simulation.run(simulation.now + everyMs)
    }
    simulation.run(simulation.now + 40_000)
    return { ...meter.samples(), ...eventSamples(cluster) }
  })
}

/** A quarter of the members stalls again and again. */
export function stalls(setting: Setting, seed: number, kind: 'process' | 'network', ms = HOUR_MS): ScenarioRun {
  return run(setting, seed, 0, (cluster) => {
    const { simulation } = cluster
    const meter = new Meter(cluster)
    stallSome(simulation, { kind })
    simulation.run(simulation.now + ms)
    return meter.samples()
  })
}

/** Crashes of members that do not stall, while a quarter does. */
export function crashesAmongStalls(
  setting: Setting,
  seed: number,
  kind: 'process' | 'network',
  events = 8
): ScenarioRun {
  return run(setting, seed, 0, (cluster) => {
    const { simulation } = cluster
    const meter = new Meter(cluster)
    stallSome(simulation, { kind })
    for (let at = 0; at < events; at++) {
      simulation.run(simulation.now + 30_000)
      const gone = simulation.pickUp((member) => !simulation.views.isMarked(member))
      if (gone !== undefined) {
        simulation.crash(gone, { track: true })
      }
      simulation.run(simulation.now + 30_000)
    }
    return { ...meter.samples(), ...eventSamples(cluster) }
  })
}

/** Natural churn and what it costs. */
export function traffic(setting: Setting, seed: number, ms: number): ScenarioRun {
  const spare = Math.ceil((2 * (ms + WARM_MS) * setting.members) / SESSION_MS) + 20
  return run(setting, seed, spare, (cluster) => {
    const { simulation } = cluster
    churn(simulation, { meanSessionMs: SESSION_MS })
    simulation.run(simulation.now + WARM_MS)
    const meter = new Meter(cluster)
    simulation.run(simulation.now + ms)
    return meter.samples()
  })
}

/** The study's base scenario: natural churn, and five joins, leaves and crashes in a minute. */
export function base(setting: Setting, seed: number): ScenarioRun {
  const spare = 40 + Math.ceil(setting.members * 0.012)
  return run(setting, seed, spare, (cluster) => {
    const { simulation } = cluster
    const meter = new Meter(cluster)
    const start = simulation.now
    churn(simulation, { meanSessionMs: SESSION_MS })
    for (let at = 0; at < 5; at++) {
      simulation.run(start + 500 + at * 5000)
      simulation.join(simulation.spare() ?? 0, true)
      simulation.run(start + 2000 + at * 5000)
      simulation.leave(simulation.pickUp((member) => !simulation.views.isTracked(member)) ?? 0, true)
      simulation.run(start + 3500 + at * 5000)
      simulation.crash(simulation.pickUp((member) => !simulation.views.isTracked(member)) ?? 0, { track: true })
    }
    simulation.run(start + 60_000)
    return { ...meter.samples(), ...eventSamples(cluster) }
  })
}
