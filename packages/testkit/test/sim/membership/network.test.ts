import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../../src/random.ts'
import { MemberNetwork } from '../../../src/sim/membership/network.ts'
import { loopbackModel, wanModel } from '../../../src/sim/membership/network-model.ts'
import type { NetworkModel } from '../../../src/sim/membership/network-model.ts'
import { RecordingBrain } from './brains.ts'

/** 10 ms one way, no jitter, 40 ms to dial, timers to the point. */
const PLAIN: NetworkModel = {
  ticksPerMs: 8,
  jitterMs: 0,
  timerLagMs: 0,
  loss: 0,
  oneWayMs: () => 10,
  dialMs: () => 40,
  refuses: () => true
}

function linked(model: NetworkModel = PLAIN, seed = 1) {
  const network = new MemberNetwork<string>({ capacity: 2, model, random: seededRandom(seed) })
  const brains = [new RecordingBrain(), new RecordingBrain()] as const
  network.add(0, () => brains[0])
  network.add(1, () => brains[1])
  network.link(0, 1)
  network.run(1000)
  return { network, brains }
}

describe('links', () => {
  test('come up at the other end first, after the dial', () => {
    const { brains } = linked()
    expect(brains[1].when('up')).toBe(30)
    expect(brains[0].when('up')).toBe(40)
  })

  test('are opened once when both ask for one', () => {
    const { network, brains } = linked()
    network.measuring = true
    network.link(1, 0)
    network.run(2000)
    expect(network.opens).toBe(0)
    expect(brains[0].notes).toHaveLength(1)
  })

  test('cost no dial over a connection that was used a moment ago', () => {
    const { network, brains } = linked()
    network.measuring = true
    network.unlink(0, 1)
    network.run(1100)
    expect(brains[1].when('closed')).toBe(1010)
    network.link(0, 1)
    network.run(1200)
    expect(network.opens).toBe(0)
    expect(brains[0].notes.at(-1)).toStrictEqual({ what: 'up', peer: 1, at: 1120 })
    network.unlink(0, 1)
    network.run(70_000)
    network.link(0, 1)
    expect(network.opens).toBe(1)
  })

  test('to one that is not there are refused by its host, or time out', () => {
    const { network, brains } = linked()
    network.crash(1, true)
    network.run(2000)
    brains[0].notes.length = 0
    network.link(0, 1)
    network.run(3000)
    expect(brains[0].notes).toStrictEqual([{ what: 'refused', peer: 1, at: 2020 }])
    const silent = linked({ ...PLAIN, refuses: () => false })
    silent.network.crash(1, true)
    silent.network.run(5000)
    silent.brains[0].notes.length = 0
    silent.network.link(0, 1)
    silent.network.run(20_000)
    expect(silent.brains[0].notes).toStrictEqual([{ what: 'closed', peer: 1, at: 15_000 }])
  })

  test('of a process that is killed are told after one try to reach it again', () => {
    const { network, brains } = linked()
    network.crash(1, true)
    network.run(2000)
    expect(brains[0].when('refused')).toBe(1030)
  })

  test('of a process that is killed are not tried again by an end that never asked for them', () => {
    const { network, brains } = linked()
    network.crash(0, true)
    network.run(2000)
    expect(brains[1].notes.slice(1)).toStrictEqual([{ what: 'closed', peer: 0, at: 1010 }])
  })

  test('of one that ends silently stay until the connection is given up', () => {
    const { network, brains } = linked()
    network.crash(1, false)
    network.send(0, 1, 'into the void', 1)
    network.run(100_000)
    expect(brains[0].when('closed')).toBe(31_000)
    expect(brains[1].when('into the void')).toBeUndefined()
  })

  test('of a former life carry nothing to the next one', () => {
    const { network, brains } = linked()
    network.send(0, 1, 'late', 1)
    network.crash(1, false)
    const next = new RecordingBrain()
    network.add(1, () => next)
    network.link(1, 0)
    network.run(2000)
    expect(next.notes.map(({ what }) => what)).toStrictEqual(['up'])
    expect(brains[0].notes.map(({ what }) => what)).toStrictEqual(['up', 'closed', 'up'])
    network.send(0, 1, 'hello', 1)
    network.run(3000)
    expect(next.when('hello')).toBe(2010)
  })
})

describe('messages', () => {
  test('take one way and count their bytes while it is measured', () => {
    const { network, brains } = linked()
    network.send(0, 1, 'unmeasured', 50)
    network.measuring = true
    network.send(0, 1, 'hello', 70)
    network.run(1100)
    expect(brains[1].when('hello')).toBe(1010)
    expect([network.sentMessages(0), network.sentBytes(0)]).toStrictEqual([1, 70])
  })

  test('keep their order although each takes another time', () => {
    const { network, brains } = linked({ ...PLAIN, jitterMs: 30, loss: 0.2 })
    const sent = Array.from({ length: 200 }, (_, at) => `m${at}`)
    for (const message of sent) {
      network.send(0, 1, message, 1)
    }
    network.run(100_000)
    expect(brains[1].notes.slice(1).map(({ what }) => what)).toStrictEqual(sent)
  })

  test('are late, never lost, when packets are', () => {
    const arrivals = (loss: number): number[] => {
      const { network, brains } = linked({ ...PLAIN, loss })
      for (let at = 0; at < 400; at++) {
        network.at(1000 + at * 5000, () => network.send(0, 1, 'm', 1))
      }
      network.run(3_000_000)
      return brains[1].notes.slice(1).map(({ at }) => (at - 1000) % 5000)
    }
    expect(new Set(arrivals(0))).toStrictEqual(new Set([10]))
    const lossy = arrivals(0.1)
    expect(lossy).toHaveLength(400)
    const late = lossy.filter((ms) => ms !== 10)
    expect(late.length).toBeGreaterThan(20)
    expect(late.length).toBeLessThan(65)
    expect(Math.min(...late)).toBe(280)
  })

  test('of the wide-area model take 5 ms to 150, of the loopback one about half a millisecond', () => {
    const mean = (model: NetworkModel): number => {
      const network = new MemberNetwork<string>({ capacity: 40, model, random: seededRandom(2) })
      const brains = Array.from({ length: 40 }, () => new RecordingBrain())
      brains.forEach((brain, node) => network.add(node, () => brain))
      for (let node = 1; node < 40; node++) {
        network.link(0, node)
      }
      network.run(5000)
      for (let node = 1; node < 40; node++) {
        network.send(0, node, 'm', 1)
      }
      network.run(6000)
      return brains.slice(1).reduce((sum, brain) => sum + (brain.when('m') ?? Infinity) - 5000, 0) / 39
    }
    const wide = mean(wanModel(40, seededRandom(3)))
    expect(wide).toBeGreaterThan(20)
    expect(wide).toBeLessThan(80)
    const near = mean(loopbackModel())
    expect(near).toBeGreaterThan(0.2)
    expect(near).toBeLessThan(1)
  })
})

describe('stalls', () => {
  test('of a process hold everything back, and on waking timers come before input', () => {
    const { network, brains } = linked()
    brains[1].wakeAt = 1500
    network.touch(1)
    network.stallProcess(1, 3000)
    network.send(0, 1, 'early', 1)
    network.run(10_000)
    expect(brains[1].notes.slice(1).map(({ what }) => what)).toStrictEqual(['tick', 'early'])
    expect(brains[1].when('tick')).toBe(4000)
    expect(brains[1].when('early')).toBeCloseTo(4000, 0)
  })

  test('of a network hold input and output back while timers run', () => {
    const { network, brains } = linked()
    brains[1].wakeAt = 1500
    network.touch(1)
    network.stallNetwork(1, 3000)
    network.send(0, 1, 'in', 1)
    network.send(1, 0, 'out', 1)
    network.run(10_000)
    expect(brains[1].when('tick')).toBe(1500)
    expect(brains[1].when('in')).toBe(4000)
    expect(brains[0].when('out')).toBe(4010)
  })
})

describe('partitions', () => {
  test('let nothing through, and after a while not even the links are left', () => {
    const { network, brains } = linked()
    network.partition((node) => node)
    network.send(0, 1, 'lost', 1)
    network.run(40_000)
    expect(brains[1].when('lost')).toBeUndefined()
    expect(brains.map((brain) => brain.when('closed'))).toStrictEqual([31_000, 31_000])
    network.link(0, 1)
    network.run(60_000)
    expect(brains[0].notes.at(-1)).toStrictEqual({ what: 'closed', peer: 1, at: 50_000 })
    network.heal()
    network.link(0, 1)
    network.run(70_000)
    expect(brains[0].notes.at(-1)).toStrictEqual({ what: 'up', peer: 1, at: 60_040 })
  })

  test('that are short leave the links as they are', () => {
    const { network, brains } = linked()
    network.partition((node) => node)
    network.run(5000)
    network.heal()
    network.send(0, 1, 'hello', 1)
    network.run(60_000)
    expect(brains[1].notes.map(({ what }) => what)).toStrictEqual(['up', 'hello'])
  })
})
