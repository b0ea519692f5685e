import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Bitfield } from '../../src/swarm/bitfield.ts'
import { Arena } from './support/arena.ts'
import type { Manner } from './support/bad-brain.ts'

const manners = fc.constantFrom<Manner>('mute', 'granter', 'drip', 'liar', 'rejecter', 'busy', 'silent', 'greedy')

const scenario = fc.record({
  seed: fc.string({ minLength: 4, maxLength: 4 }),
  leafCount: fc.integer({ min: 1, max: 60 }),
  leafKiB: fc.constantFrom(1, 64, 256, 1024, 2048),
  rttMs: fc.constantFrom(0.5, 20, 200),
  leechers: fc.array(
    fc.record({
      joins: fc.nat({ max: 6000 }),
      leaves: fc.option(fc.nat({ max: 8000 }), { nil: undefined }),
      vanishes: fc.boolean(),
      wants: fc.tuple(fc.nat({ max: 59 }), fc.nat({ max: 59 })),
      has: fc.tuple(fc.nat({ max: 59 }), fc.nat({ max: 20 })),
      upMiB: fc.constantFrom(0, 1, 1, 4, 16)
    }),
    { minLength: 1, maxLength: 6 }
  ),
  bad: fc.array(fc.record({ manner: manners, joins: fc.nat({ max: 6000 }) }), { maxLength: 4 }),
  restarts: fc.array(fc.nat({ max: 5000 }), { maxLength: 2 })
})

/** Everything in the run that the rules of `CheckedPolicy` forbid is thrown by it. */
test('whoever joins, leaves, vanishes, lies, stalls or refuses: every leecher that stays gets what it wants', () => {
  fc.assert(
    fc.property(scenario, ({ seed, leafCount, leafKiB, rttMs, leechers, bad, restarts }) => {
      const arena = new Arena({ seed, leafCount, leafBytes: leafKiB * 1024, rttMs })
      const { network } = arena
      const some = ([from, count]: readonly [number, number]): Bitfield => {
        const field = new Bitfield(leafCount)
        field.setRange({ start: from % leafCount, count: Math.min(count, leafCount - (from % leafCount)) })
        return field
      }
      let seeder = arena.addSeeder().node
      for (const at of restarts) {
        network.after(at, () => {
          network.leave(seeder)
          seeder = arena.addSeeder().node
          arena.enter(seeder)
        })
      }
      for (const { joins, leaves, vanishes, wants, has, upMiB } of leechers) {
        network.after(joins, () => {
          const { node } = arena.add({ wants: some(wants), have: some(has), up: upMiB * 1024 * 1024 })
          arena.enter(node)
          if (leaves !== undefined) {
            network.after(leaves, () => {
              if (vanishes) {
                network.vanish(node)
              } else {
                network.leave(node)
              }
            })
          }
        })
      }
      for (const { manner, joins } of bad) {
        network.after(joins, () => {
          arena.enter(arena.addBad(manner))
        })
      }
      arena.settle(20_001)
      arena.finish(600_000)
      const stayed = arena.honest.filter(({ node }) => network.isAlive(node))
      expect(stayed.every(({ policy }) => policy.missing === 0)).toBe(true)
    }),
    { numRuns: 60 }
  )
})
