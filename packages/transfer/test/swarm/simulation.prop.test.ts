import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Bitfield } from '../../src/swarm/bitfield.ts'
import type { Manner } from './support/sim-node.ts'
import { Simulation } from './support/simulation.ts'

const manners = fc.constantFrom<Manner>('mute', 'drip', 'liar', 'rejecter', 'busy', 'silent', 'greedy')

const scenario = fc.record({
  seed: fc.string({ minLength: 4, maxLength: 4 }),
  leafCount: fc.integer({ min: 1, max: 60 }),
  leafKiB: fc.constantFrom(1, 64, 256, 1024, 2048),
  slowest: fc.integer({ min: 1, max: 200 }),
  leechers: fc.array(
    fc.record({
      joins: fc.nat({ max: 6000 }),
      leaves: fc.option(fc.nat({ max: 8000 }), { nil: undefined }),
      wants: fc.tuple(fc.nat({ max: 59 }), fc.nat({ max: 59 })),
      has: fc.tuple(fc.nat({ max: 59 }), fc.nat({ max: 20 })),
      speed: fc.constantFrom(1, 1, 4, 16)
    }),
    { minLength: 1, maxLength: 6 }
  ),
  bad: fc.array(fc.record({ manner: manners, joins: fc.nat({ max: 6000 }) }), { maxLength: 4 }),
  seederRestarts: fc.array(fc.nat({ max: 5000 }), { maxLength: 2 })
})

/** Everything in the run that the rules of `LeechRules` forbid is thrown by it. */
test('whoever joins, leaves, lies, stalls or refuses: every leecher that stays gets what it wants', () => {
  fc.assert(
    fc.property(scenario, ({ seed, leafCount, leafKiB, slowest, leechers, bad, seederRestarts }) => {
      const sim = new Simulation({ seed, leafCount, leafBytes: leafKiB * 1024, delayMs: [1, slowest] })
      const join = (key: string): void => {
        for (const other of [...sim.nodes.keys()]) {
          if (other !== key) {
            sim.connect(key, other)
          }
        }
      }
      const some = ([from, count]: readonly [number, number]): Bitfield => {
        const field = new Bitfield(leafCount)
        field.setRange({ start: from % leafCount, count: Math.min(count, leafCount - (from % leafCount)) })
        return field
      }
      sim.addSeeder('seeder')
      for (const at of seederRestarts) {
        sim.after(at, () => {
          sim.remove('seeder')
          sim.addSeeder('seeder', { firstOffer: at % leafCount })
          join('seeder')
        })
      }
      leechers.forEach(({ joins, leaves, wants, has, speed }, index) => {
        const key = `leecher ${index}`
        sim.after(joins, () => {
          sim.add(key, { wants: some(wants), have: some(has), uplink: speed * 1000 })
          join(key)
        })
        if (leaves !== undefined) {
          sim.after(joins + leaves, () => sim.remove(key))
        }
      })
      bad.forEach(({ manner, joins }, index) => {
        sim.after(joins, () => {
          sim.addLeecher(`bad ${index}`, { manner })
          join(`bad ${index}`)
        })
      })
      sim.settle(20_001)
      sim.finish(3_600_000)
      for (const node of sim.nodes.values()) {
        if (node.manner === 'honest') {
          expect([...node.wants.indices()].every((leaf) => node.have.has(leaf))).toBe(true)
        }
      }
    }),
    { numRuns: 60 }
  )
})
