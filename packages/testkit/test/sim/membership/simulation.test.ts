import { describe, expect, test } from 'vitest'
import { churn, flap, stallSome } from '../../../src/sim/membership/happenings.ts'
import { loopbackModel, wanModel } from '../../../src/sim/membership/network-model.ts'
import { MembershipSimulation } from '../../../src/sim/membership/simulation.ts'
import { FloodingBrain } from './brains.ts'
import type { Gossip } from './brains.ts'

const MEMBERS = 20

function cluster(seed: number, { spare = 10, loopback = false } = {}): MembershipSimulation<Gossip> {
  return new MembershipSimulation<Gossip>({
    seed,
    members: MEMBERS,
    spare,
    model: (capacity, random) => (loopback ? loopbackModel() : wanModel(capacity, random)),
    make: (init) => new FloodingBrain(init, MEMBERS)
  })
}

function digestOf(seed: number): string {
  const simulation = cluster(seed)
  simulation.measure()
  churn(simulation, { meanSessionMs: 60_000 })
  stallSome(simulation, { kind: 'process' })
  simulation.run(30_000)
  return simulation.network.digest
}

describe('a simulated cluster', () => {
  test('goes the same way for the same seed, and another for another', () => {
    expect(digestOf(5)).toBe(digestOf(5))
    expect(digestOf(5)).not.toBe(digestOf(6))
  })

  test('notes who learnt of a crash, when and by how many hops', () => {
    const simulation = cluster(1)
    simulation.run(5000)
    const event = simulation.crash(3, { track: true })
    expect(simulation.views.wrongViewers()).toBe(MEMBERS - 1)
    simulation.run(20_000)
    expect(simulation.views.wrongViewers()).toBe(0)
    expect(event?.viewers).toHaveLength(MEMBERS - 1)
    const times = event?.viewers.map((viewer) => event.knownMs[viewer] ?? Infinity) ?? []
    expect(Math.min(...times)).toBeGreaterThan(7000)
    expect(Math.max(...times)).toBeLessThan(10_000)
    expect(Math.max(...(event?.hops ?? []))).toBeGreaterThan(1)
  })

  test('hears of a killed process sooner than of one that fell silent', () => {
    const simulation = cluster(1, { loopback: true })
    simulation.run(5000)
    const event = simulation.crash(3, { reset: true, track: true })
    simulation.run(6000)
    expect(Math.max(...(event?.viewers.map((viewer) => event.knownMs[viewer] ?? Infinity) ?? []))).toBeLessThan(5100)
  })

  test('notes a join, and when the newcomer knew everybody', () => {
    const simulation = cluster(2)
    simulation.run(5000)
    const event = simulation.join(simulation.spare() ?? -1, true)
    simulation.run(10_000)
    expect(simulation.views.wrongViewers()).toBe(0)
    expect(event?.completeMs).toBeGreaterThan(5000)
    expect(event?.completeMs).toBeLessThan(7000)
  })

  test('counts live members that are held dead, by whether they were stalled on purpose, and how long it took them back', () => {
    const simulation = cluster(3)
    simulation.measure()
    simulation.views.markStalled(4)
    simulation.run(5000)
    simulation.stall(4, 'process', 8000)
    simulation.stall(5, 'network', 8000)
    simulation.run(20_000)
    const { deadStalled, deadHealthy } = simulation.views.faults
    expect([deadStalled, deadHealthy > 0]).toStrictEqual([1, true])
    expect(simulation.views.wrongEntries().missing).toBeGreaterThan(0)
  })

  test('counts who comes back from the dead without cause', () => {
    const simulation = cluster(4)
    simulation.measure()
    simulation.run(1000)
    simulation.crash(7)
    simulation.run(40_000)
    expect(simulation.views.faults.resurrected).toBe(0)
    simulation.views.hear(1, { type: 'join', member: 7, hops: 1 }, 1, simulation.now)
    expect(simulation.views.faults.resurrected).toBe(1)
    expect(simulation.views.wrongEntries().ghosts).toBe(1)
  })

  test('lets members flap', () => {
    const simulation = cluster(5)
    flap(simulation, { members: [1, 2], shortestMs: 1000, meanMs: 1000 })
    let [wasDown, wasUp] = [false, false]
    for (let second = 1; second < 20; second++) {
      simulation.run(second * 1000)
      wasDown ||= !simulation.network.isUp(1)
      wasUp ||= wasDown && simulation.network.isUp(1)
    }
    expect([wasDown, wasUp]).toStrictEqual([true, true])
  })
})
