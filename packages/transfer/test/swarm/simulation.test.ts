import { PolicyBrain, simulateSwarm } from '@p2pshare/testkit/sim'
import type { SwarmResult, SwarmScenario } from '@p2pshare/testkit/sim'
import { describe, expect, test } from 'vitest'
import { Bitfield } from '../../src/swarm/bitfield.ts'
import { SharePolicy } from '../../src/swarm/policy.ts'

const MIB = 1024 * 1024

/** 16 MiB in 64 KiB leaves unless it says otherwise: the shape of 64 MiB in 256 KiB leaves, in a quarter of the time. */
function simulate(scenario: SwarmScenario, seed: number): SwarmResult {
  const small = { totalBytes: 16 * MIB, leafBytes: 64 * 1024, seederUp: MIB, up: MIB, limitMs: 100_000 }
  return simulateSwarm({ ...small, ...scenario }, seed, (node) => {
    const { leafCount, leafBytes } = node.share
    const all = Bitfield.full(leafCount)
    const policy = new SharePolicy({
      leafCount,
      leafBytes,
      have: node.seeder ? all : new Bitfield(leafCount),
      missing: node.seeder ? [] : all.indices(),
      firstOffer: Math.floor((leafCount * node.ordinal) / node.seeders),
      random: () => node.random(),
      canTake: (peer) => node.network.canTake(Number(peer))
    })
    return new PolicyBrain(node, policy)
  })
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN
}

const SEEDS = [1, 2, 3]

describe('the shipped policy beside the fluid bound; `npm run sim:swarm` has the whole table', () => {
  test.each([
    ['4 equal peers', { leechers: 4 }, 1.03],
    ['8 equal peers', { leechers: 8 }, 1.04],
    [
      '8 equal peers, 20 % of which leave',
      { leechers: 8, leaveMs: (at: number) => (at % 5 === 4 ? 8000 : Infinity) },
      1.05
    ],
    ['8 peers and the seeder gone after one copy', { leechers: 8, seederCopies: 1 }, 1.06],
    ['8 peers that know nothing of their links', { leechers: 8, knowsUplink: false, knowsRtt: false }, 1.06],
    ['4 seeders and one leecher', { leechers: 1, seeders: 4, totalBytes: 32 * MIB }, 1.03]
  ] as const)('%s', (_, scenario, most) => {
    const results = SEEDS.map((seed) => simulate(scenario, seed))
    expect(results.map(({ heldShare }) => heldShare)).toEqual(SEEDS.map(() => 1))
    expect(median(results.map(({ ratio }) => ratio))).toBeLessThanOrEqual(most)
    expect(Math.max(...results.map(({ wastedShare }) => wastedShare))).toBeLessThan(0.01)
  })

  test('30 % free riders cost the honest ones little', () => {
    const result = simulate({ leechers: 10, up: (at) => (at % 10 < 3 ? 0 : MIB) }, 1)
    const honest = result.doneMs.filter((_, at) => (result.up[at] ?? 0) > 0)
    expect(Math.max(...honest.map((at) => at ?? Infinity)) / 16_000).toBeLessThan(1.15)
  })
})

test('the same seed gives the same run, event by event; another seed another one', () => {
  const digests = [1, 1, 2].map((seed) => simulate({ leechers: 3, totalBytes: 4 * MIB }, seed).digest)
  expect(digests[1]).toBe(digests[0])
  expect(digests[2]).not.toBe(digests[0])
})
