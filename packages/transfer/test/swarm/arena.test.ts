import { describe, expect, test } from 'vitest'
import { MAX_IN_FLIGHT_BYTES } from '../../src/swarm/fetching.ts'
import { Bitfield } from '../../src/swarm/bitfield.ts'
import { Arena } from './support/arena.ts'
import type { Manner } from './support/bad-brain.ts'

const MIB = 1024 * 1024

function range(length: number, start: number, count: number): Bitfield {
  const field = new Bitfield(length)
  field.setRange({ start, count })
  return field
}

describe('honest swarms', () => {
  test.each([1, 2, 3, 5, 8])('%d leechers get every leaf; every grant and offer is answered', (count) => {
    const arena = new Arena({ seed: `honest ${count}`, leafCount: 96 })
    const seeder = arena.addSeeder()
    const leechers = Array.from({ length: count }, () => arena.add())
    arena.enterAll()
    arena.finish()
    arena.settle(2000)
    expect(arena.copiesSentBy(seeder)).toBeLessThan(1.1)
    expect(leechers.map(({ policy }) => policy.unanswered)).toEqual(leechers.map(() => []))
  })

  test('leechers that want different parts get them, and nothing else', () => {
    const arena = new Arena({ seed: 'select', leafCount: 120 })
    arena.addSeeder()
    const parts = [range(120, 0, 60), range(120, 40, 60), range(120, 110, 10)]
    const nodes = parts.map((wants) => arena.add({ wants }))
    arena.enterAll()
    arena.finish()
    for (const [at, { brain }] of nodes.entries()) {
      expect(brain.receivedBytes - brain.wastedBytes).toBe((parts[at]?.count ?? 0) * 256 * 1024)
    }
  })

  test('a leecher with part of the share fetches the rest only', () => {
    const arena = new Arena({ seed: 'resume', leafCount: 100 })
    const seeder = arena.addSeeder()
    arena.add({ have: range(100, 20, 60) })
    arena.enterAll()
    arena.finish()
    expect(arena.copiesSentBy(seeder)).toBeCloseTo(0.4)
  })

  test('a seeder that restarts goes on where the swarm is', () => {
    const arena = new Arena({ seed: 'restart', leafCount: 128 })
    const first = arena.addSeeder()
    Array.from({ length: 4 }, () => arena.add())
    arena.enterAll()
    let second = first
    arena.network.after(3000, () => {
      arena.network.leave(first.node)
    })
    arena.network.after(4000, () => {
      second = arena.addSeeder()
      arena.enter(second.node)
    })
    arena.finish()
    expect(arena.copiesSentBy(first) + arena.copiesSentBy(second)).toBeLessThan(1.3)
  })

  test('tiny leaves do not cost a round trip each', () => {
    const arena = new Arena({ seed: 'tiny', leafCount: 20_000, leafBytes: 1024, rttMs: 80 })
    arena.addSeeder(16 * MIB)
    const leecher = arena.add()
    arena.enterAll()
    arena.finish()
    // 20 MB at 16 MiB/s; with a round trip each it would be half an hour
    expect(leecher.finishedAt).toBeLessThan(2500)
  })

  test('an uplink that is slower than a leaf in ten seconds is not taken for a dead one', () => {
    const arena = new Arena({ seed: 'slow', leafCount: 4, leafBytes: MIB })
    arena.addSeeder(32 * 1024)
    arena.add()
    arena.enterAll()
    arena.finish()
    expect(arena.network.now).toBeLessThan(1.05 * 128_000)
  })
})

describe('peers that do not play by the rules never keep a leecher from what an honest one has', () => {
  test.each<Manner>(['mute', 'granter', 'drip', 'liar', 'rejecter', 'busy', 'silent', 'greedy'])(
    '%s peers, more than honest ones',
    (manner) => {
      const arena = new Arena({ seed: manner, leafCount: 96 })
      arena.addSeeder()
      arena.add()
      arena.add()
      for (let bad = 0; bad < 4; bad++) {
        arena.addBad(manner)
      }
      arena.enterAll()
      arena.finish(300_000)
    }
  )

  test('silent ones hardly slow an honest one down', () => {
    const arena = new Arena({ seed: 'silent', leafCount: 96 })
    arena.addSeeder()
    const leecher = arena.add()
    Array.from({ length: 8 }, () => arena.addBad('silent'))
    arena.enterAll()
    arena.finish()
    // 24 MiB at 4 MiB/s, and what the silent ones were offered once
    expect(leecher.finishedAt).toBeLessThan(6000 + 13_000)
  })

  test('ones that ask for everything at once take no more than their share', () => {
    const arena = new Arena({ seed: 'greedy', leafCount: 96 })
    arena.addSeeder()
    const leecher = arena.add()
    arena.addBad('greedy')
    arena.enterAll()
    arena.finish()
    expect(leecher.finishedAt).toBeLessThan(3 * 6000)
  })
})

test('with more sources than memory has room for, the bound holds and everyone gets a turn', () => {
  const leafCount = 300
  const arena = new Arena({ seed: 'many', leafCount, leafBytes: 2 * MIB })
  const leecher = arena.add()
  // not quite complete, so that each shows all it has at once
  const sources = Array.from({ length: 30 }, (_, at) => {
    const have = Bitfield.full(leafCount)
    have.clear(at)
    return arena.add({ have, wants: new Bitfield(leafCount), up: 50 * MIB })
  })
  arena.enterAll()
  arena.finish()
  expect(leecher.policy.mostInFlightBytes).toBe(MAX_IN_FLIGHT_BYTES)
  const copies = sources.map((source) => arena.copiesSentBy(source))
  expect(Math.min(...copies)).toBeGreaterThan(0.3 / sources.length)
})
