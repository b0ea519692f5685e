import { expect, test } from 'vitest'
import { seededRandom } from '../../../src/random.ts'
import { ChurningNetwork } from '../../../src/sim/dht/churning.ts'
import { FATE } from '../../../src/sim/dht/population.ts'

const HOUR_MS = 3_600_000
const HALF_IN_TWO_HOURS = [{ share: 1, meanMs: (2 * HOUR_MS) / Math.LN2 }]

const networkOf = (seed: string): ChurningNetwork =>
  new ChurningNetwork({ live: 2_000, classes: HALF_IN_TWO_HOURS, random: seededRandom(seed) })

test('half of the nodes are others after a half-life, as many are there, and tables still list 15 % dead', () => {
  const network = networkOf('half')
  const before = new Set(network.at(0).ids)
  const { population, ids } = network.at(2 * HOUR_MS)
  const live = ids.filter((_id, node) => population.fate[node] === FATE.answers)
  expect(live).toHaveLength(2_000)
  expect(live.filter((id) => before.has(id)).length / 2_000).toBeCloseTo(0.5, 1)
  expect(1 - live.length / ids.length).toBeCloseTo(0.15, 1)
  expect([...population.high]).toEqual([...population.high].sort((a, b) => a - b))
})

test('the same seed has the same people at every time', () => {
  const [one, other] = [networkOf('same'), networkOf('same')]
  for (const hour of [0, 1, 3]) {
    expect(other.at(hour * HOUR_MS).ids).toEqual(one.at(hour * HOUR_MS).ids)
  }
})
