import { describe, expect, test } from 'vitest'
import { Bitfield } from '../../src/swarm/bitfield.ts'
import { MAX_IN_FLIGHT_BYTES, MAX_STALLS, MAX_WRONG_LEAVES } from '../../src/swarm/leech.ts'
import type { Manner, SimNode } from './support/sim-node.ts'
import { Simulation } from './support/simulation.ts'

/** A swarm of one seeder and `count` leechers, all connected. */
function swarm(
  count: number,
  seed: string,
  leafCount = 128
): { sim: Simulation; seeder: SimNode; leechers: SimNode[] } {
  const sim = new Simulation({ seed, leafCount })
  const seeder = sim.addSeeder('seeder')
  const leechers = Array.from({ length: count }, (_, index) => sim.addLeecher(`leecher ${index}`))
  sim.connectAll()
  return { sim, seeder, leechers }
}

function range(length: number, start: number, count: number): Bitfield {
  const field = new Bitfield(length)
  field.setRange({ start, count })
  return field
}

describe('honest swarms', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    '%d leechers get every leaf once; the seeder sends little more than one copy',
    (count) => {
      for (const seed of ['a', 'b', 'c']) {
        const { sim, seeder, leechers } = swarm(count, seed)
        sim.finish()
        sim.settle(2000)
        expect(leechers.every(({ have }) => have.count === sim.leafCount)).toBe(true)
        expect(seeder.sentBytes / sim.totalBytes).toBeLessThan(1.3)
        expect(leechers.reduce((sum, { wastedBytes }) => sum + wastedBytes, 0)).toBeLessThan(
          0.02 * count * sim.totalBytes
        )
        expect(leechers.map(({ rules }) => rules.unanswered)).toEqual(leechers.map(() => 0))
      }
    }
  )

  test.each([4, 8])('%d leechers of a share not much larger than their windows still feed each other', (count) => {
    const { sim, seeder } = swarm(count, 'small', 48)
    sim.finish()
    expect(seeder.sentBytes / sim.totalBytes).toBeLessThan(1.3)
  })

  test('a swarm takes little longer than the seeder needs for one copy', () => {
    const { sim } = swarm(4, 'time', 256)
    sim.finish()
    expect(sim.now).toBeLessThan(1.05 * (sim.totalBytes / ((4 * 1024 * 1024) / 1000)))
  })

  test('the same seed gives the same run', () => {
    const [first, second] = [swarm(5, 'again'), swarm(5, 'again')]
    first.sim.finish()
    second.sim.finish()
    expect(second.sim.now).toBe(first.sim.now)
    expect(second.leechers.map(({ sentBytes }) => sentBytes)).toEqual(first.leechers.map(({ sentBytes }) => sentBytes))
  })

  test('two seeders share the work', () => {
    const sim = new Simulation({ seed: 'two', leafCount: 128 })
    const seeders = [sim.addSeeder('a', { firstOffer: 0 }), sim.addSeeder('b', { firstOffer: 64 })]
    for (let index = 0; index < 4; index++) {
      sim.addLeecher(`leecher ${index}`)
    }
    sim.connectAll()
    sim.finish()
    const copies = seeders.map(({ sentBytes }) => sentBytes / sim.totalBytes)
    expect(copies.every((share) => share > 0.3 && share < 0.9)).toBe(true)
  })

  test('a late joiner is fed by the others as much as by the seeder', () => {
    const { sim, seeder, leechers } = swarm(3, 'late', 128)
    sim.after(5000, () => {
      sim.addLeecher('late')
      for (const { key } of [seeder, ...leechers]) {
        sim.connect('late', key)
      }
    })
    sim.settle(5001)
    sim.finish()
    expect(sim.nodes.get('late')?.isComplete).toBe(true)
    expect(seeder.sentBytes / sim.totalBytes).toBeLessThan(1.5)
  })

  test('a seeder that restarts goes on where the swarm is', () => {
    const { sim, seeder, leechers } = swarm(4, 'restart')
    sim.after(3000, () => sim.remove('seeder'))
    sim.after(4000, () => {
      sim.addSeeder('seeder')
      for (const { key } of leechers) {
        sim.connect('seeder', key)
      }
    })
    sim.settle(4001)
    sim.finish()
    const again = sim.nodes.get('seeder')
    expect((seeder.sentBytes + (again?.sentBytes ?? 0)) / sim.totalBytes).toBeLessThan(1.4)
  })

  test('when the seeder leaves after one copy, the leechers finish without it', () => {
    const { sim, seeder } = swarm(4, 'orphans')
    const watch = (): void => {
      const union = new Set(
        [...sim.nodes.values()].flatMap((node) => (node === seeder ? [] : [...node.have.indices()]))
      )
      if (union.size === sim.leafCount) {
        sim.remove('seeder')
      } else {
        sim.after(50, watch)
      }
    }
    watch()
    sim.finish()
    expect(sim.nodes.has('seeder')).toBe(false)
  })

  test('a leecher that leaves takes nothing with it: what only it had is offered again', () => {
    const { sim, leechers } = swarm(3, 'leaver')
    sim.after(2500, () => sim.remove(leechers[0]?.key ?? ''))
    sim.finish()
    expect(sim.nodes.size).toBe(3)
    // all but for an instant: nothing waited for the first pass to be given up
    expect(sim.now).toBeLessThan(11_000)
  })
})

describe('selections', () => {
  test('leechers that want different parts get them, and nothing else', () => {
    const sim = new Simulation({ seed: 'select', leafCount: 120 })
    const seeder = sim.addSeeder('seeder')
    const wants = [range(120, 0, 60), range(120, 40, 60), range(120, 110, 10), range(120, 0, 120)]
    const nodes = wants.map((some, index) => sim.add(`leecher ${index}`, { wants: some }))
    sim.connectAll()
    sim.finish()
    expect(nodes.map(({ have }) => [...have.indices()])).toEqual(wants.map((some) => [...some.indices()]))
    expect(seeder.sentBytes / sim.totalBytes).toBeLessThan(1.3)
  })

  test('one that is at a standstill does not hold up another that wants something else', () => {
    const sim = new Simulation({ seed: 'disjoint', leafCount: 200 })
    sim.addSeeder('seeder')
    // takes the first offers and never answers
    sim.add('stuck', { wants: range(200, 0, 100), manner: 'silent' })
    const other = sim.add('other', { wants: range(200, 100, 100) })
    sim.connect('seeder', 'stuck')
    sim.connect('seeder', 'other')
    sim.finish()
    // 25 MiB at 4 MiB/s: it did not wait
    expect(other.finishedAt).toBeLessThan(6800)
  })

  test('a leecher with part of the share fetches the rest only', () => {
    const sim = new Simulation({ seed: 'resume', leafCount: 100 })
    const seeder = sim.addSeeder('seeder')
    sim.addLeecher('leecher', { have: range(100, 20, 60) })
    sim.connectAll()
    sim.finish()
    expect(seeder.sentBytes).toBe(0.4 * sim.totalBytes)
  })
})

describe('bad peers never keep a leecher from what an honest one has', () => {
  test.each<Manner>(['mute', 'drip', 'liar', 'rejecter', 'busy', 'silent', 'greedy'])(
    '%s peers, more than honest ones',
    (manner) => {
      const sim = new Simulation({ seed: manner, leafCount: 96 })
      sim.addSeeder('seeder')
      const leechers = [sim.addLeecher('leecher 0'), sim.addLeecher('leecher 1')]
      for (let index = 0; index < 4; index++) {
        sim.addLeecher(`${manner} ${index}`, { manner })
      }
      sim.connectAll()
      sim.finish(200_000)
      expect(leechers.every(({ have }) => have.count === sim.leafCount)).toBe(true)
    }
  )

  test('one liar is dropped after exactly MAX_WRONG_LEAVES, whoever asks it', () => {
    const sim = new Simulation({ seed: 'liar', leafCount: 96 })
    sim.addSeeder('seeder')
    const leechers = [sim.addLeecher('leecher 0'), sim.addLeecher('leecher 1')]
    sim.addSeeder('liar', { manner: 'liar', uplink: 100_000 })
    sim.connectAll()
    sim.finish()
    for (const { drops, wrong } of leechers) {
      expect(drops).toEqual([{ peer: 'liar', reason: 'wrong-bytes' }])
      expect(wrong.get('liar')).toBe(MAX_WRONG_LEAVES)
    }
  })

  test('a liar that reconnects before the third does not begin anew', () => {
    const sim = new Simulation({ seed: 'again', leafCount: 96 })
    sim.addSeeder('seeder', { uplink: 200 })
    const leecher = sim.addLeecher('leecher')
    const liar = sim.addSeeder('liar', { manner: 'liar', uplink: 1000 })
    sim.connectAll()
    const reconnect = (): void => {
      if (leecher.drops.length === 0) {
        sim.disconnect(liar, 'leecher', 'on purpose')
        sim.after(20, () => sim.connect('liar', 'leecher'))
        sim.after(700, reconnect)
      }
    }
    reconnect()
    sim.finish()
    expect(leecher.wrong.get('liar')).toBe(MAX_WRONG_LEAVES)
  })

  test('a mute source alone is dropped after MAX_STALLS, and a slow honest one is not', () => {
    const sim = new Simulation({ seed: 'stall', leafCount: 40 })
    // 32 KiB/s: eight seconds a leaf
    sim.addSeeder('seeder', { uplink: (32 * 1024) / 1000 })
    const leecher = sim.addLeecher('leecher')
    sim.addSeeder('mute', { manner: 'mute' })
    sim.connectAll()
    sim.finish()
    expect(leecher.drops).toEqual([{ peer: 'mute', reason: 'stalled' }])
    expect(MAX_STALLS).toBe(3)
  })

  test('a leaf that a greedy peer was offered reaches the others although it keeps asking', () => {
    const sim = new Simulation({ seed: 'greedy', leafCount: 64 })
    sim.addSeeder('seeder')
    const leecher = sim.addLeecher('leecher')
    const greedy = sim.addLeecher('greedy', { manner: 'greedy' })
    sim.connect('seeder', 'greedy')
    sim.connect('seeder', 'leecher')
    const nag = (): void => {
      if (!leecher.isComplete) {
        sim.send(greedy, 'seeder', { type: 'request', leaves: [0] })
        sim.after(1000, nag)
      }
    }
    nag()
    sim.finish(200_000)
    expect(leecher.isComplete).toBe(true)
  })
})

test('with more sources than the global bound has room for, the bound holds and everyone gets a turn', () => {
  const leafCount = 400
  const sim = new Simulation({ seed: 'many', leafCount, leafBytes: 2 * 1024 * 1024 })
  const leecher = sim.addLeecher('leecher')
  // not quite complete, so that each shows all it has at once
  const sources = Array.from({ length: 30 }, (_, index) => {
    const have = Bitfield.full(leafCount)
    have.clear(index)
    return sim.add(`source ${index}`, { have })
  })
  sim.connectAll()
  sim.finish()
  expect(leecher.rules.mostInFlightBytes).toBe(MAX_IN_FLIGHT_BYTES)
  const turns = sources.map(({ sentBytes }) => sentBytes / (2 * 1024 * 1024))
  expect(Math.min(...turns)).toBeGreaterThan(0.3 * (leafCount / sources.length))
})
