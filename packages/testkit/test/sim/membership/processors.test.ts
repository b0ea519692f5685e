import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../../src/random.ts'
import { MemberNetwork } from '../../../src/sim/membership/network.ts'
import type { NetworkModel } from '../../../src/sim/membership/network-model.ts'
import type { CpuModel } from '../../../src/sim/membership/processors.ts'
import { RecordingBrain } from './brains.ts'

/** 10 ms one way and nothing by chance. */
const PLAIN: NetworkModel = {
  ticksPerMs: 8,
  jitterMs: 0,
  timerLagMs: 0,
  loss: 0,
  oneWayMs: () => 10,
  dialMs: () => 40,
  refuses: () => true
}

const CPU: CpuModel = { cores: 2, processOf: (node) => node, messageMs: 5, linkMs: 20 }

/** Node 0 linked with all others. */
function star(nodes: number, model: NetworkModel) {
  const network = new MemberNetwork<string>({ capacity: nodes, model, random: seededRandom(1) })
  const brains = Array.from({ length: nodes }, () => new RecordingBrain())
  for (const [node, brain] of brains.entries()) {
    network.add(node, () => brain)
  }
  for (let peer = 1; peer < nodes; peer++) {
    network.link(0, peer)
  }
  network.run(1000)
  return { network, brains }
}

describe('processes', () => {
  test('see to one message after the other, in the order in which they came', () => {
    const { network, brains } = star(4, { ...PLAIN, cpu: CPU })
    for (const from of [1, 2, 3]) {
      network.soon(from, () => network.send(from, 0, `of ${from}`, 1))
    }
    network.run(2000)
    const [at = 0] = [brains[0]?.when('of 1')]
    expect(brains[0]?.when('of 2')).toBe(at + 5)
    expect(brains[0]?.when('of 3')).toBe(at + 10)
  })

  test('share their cores', () => {
    const oneCore = { ...CPU, cores: 1 }
    const lastHeard = (cpu: CpuModel): number => {
      const { network, brains } = star(5, { ...PLAIN, cpu: { ...cpu, linkMs: 0 } })
      network.soon(0, () => {
        for (const peer of [1, 2, 3, 4]) {
          network.send(0, peer, 'news', 1)
        }
      })
      network.run(1100)
      // each passes it on, which takes a core for a while
      for (const peer of [1, 2, 3, 4]) {
        network.soon(peer, () => network.send(peer, 0, `back from ${peer}`, 1))
      }
      network.run(2000)
      return brains[0]?.when('back from 4') ?? Infinity
    }
    expect(lastHeard(oneCore)).toBeGreaterThan(lastHeard({ ...CPU, cores: 4 }))
  })

  test('share their only thread with the other members in them', () => {
    const together = star(3, { ...PLAIN, cpu: { ...CPU, processOf: (node) => Math.min(node, 1) } })
    const apart = star(3, { ...PLAIN, cpu: CPU })
    const [, first, second] = together.brains.map((brain) => brain.when('up'))
    const [, one, other] = apart.brains.map((brain) => brain.when('up'))
    expect(one).toBe(other)
    expect(Math.max(first ?? 0, second ?? 0) - (one ?? 0)).toBe(CPU.linkMs)
  })

  test('open a link in many turns: a message that comes meanwhile does not wait for the end of it', () => {
    const { network, brains } = star(3, { ...PLAIN, cpu: { ...CPU, messageMs: 1 } })
    const [, , busy] = brains
    network.link(1, 2)
    for (let ms = 20; ms < 60; ms += 5) {
      network.after(ms, () => network.send(0, 2, `after ${ms}`, 1))
    }
    network.run(2000)
    const up = busy?.notes.find(({ what, peer }) => what === 'up' && peer === 1)?.at ?? NaN
    // they took ten milliseconds to come, and the link twenty of work
    const heardMeanwhile = busy?.notes.filter(({ what, at }) => what.startsWith('after') && at > up - 18 && at < up)
    expect(heardMeanwhile?.length).toBeGreaterThan(2)
  })

  test('keep their timers, late', () => {
    const { network, brains } = star(2, { ...PLAIN, cpu: { ...CPU, cores: 1, messageMs: 300 } })
    const [, busy] = brains
    network.soon(0, () => network.send(0, 1, 'long', 1))
    network.run(1350)
    if (busy !== undefined) {
      busy.wakeAt = 1400
    }
    network.touch(1)
    network.run(3000)
    expect(busy?.when('tick')).toBeGreaterThanOrEqual(1600)
  })

  test('that stand still lose the connections whose other ends run out of patience', () => {
    const patient = star(2, { ...PLAIN, patienceMs: [5000, 5000] })
    patient.network.stallProcess(0, 4000)
    patient.network.run(20_000)
    expect(patient.brains[1]?.when('closed')).toBeUndefined()
    const impatient = star(2, { ...PLAIN, patienceMs: [5000, 5000] })
    impatient.network.stallProcess(0, 9000)
    impatient.network.run(20_000)
    expect(impatient.brains[1]?.when('closed')).toBe(6000)
    // it hears of it when it goes on
    expect(impatient.brains[0]?.when('closed')).toBeGreaterThanOrEqual(10_000)
  })
})
