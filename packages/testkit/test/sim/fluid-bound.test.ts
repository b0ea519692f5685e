import { describe, expect, test } from 'vitest'
import { fluidBoundMs } from '../../src/sim/fluid-bound.ts'
import type { BoundLeecher } from '../../src/sim/fluid-bound.ts'

const MIB = 1024 * 1024

function leechers(count: number, changes: Partial<BoundLeecher> = {}): BoundLeecher[] {
  return Array.from({ length: count }, () => ({
    up: 4 * MIB,
    down: Infinity,
    joinsAt: 0,
    leavesAt: Infinity,
    ...changes
  }))
}

describe('the least time in which all can have 64 MiB', () => {
  test.each([
    ['one copy must leave the seeder', { seedUp: 4 * MIB, leechers: leechers(8) }, 16_000],
    ['all copies must leave somebody', { seedUp: 64 * MIB, leechers: leechers(8, { up: MIB }) }, (8 * 64_000) / 72],
    ['the slowest downlink must take one', { seedUp: 64 * MIB, leechers: leechers(2, { down: 2 * MIB }) }, 32_000],
    ['riders send nothing', { seedUp: 4 * MIB, leechers: [...leechers(14), ...leechers(6, { up: 0 })] }, 64_000 / 3],
    ['who comes late needs its own time', { seedUp: 4 * MIB, leechers: leechers(1, { joinsAt: 5000 }) }, 21_000],
    [
      'who leaves sends until then',
      { seedUp: MIB, leechers: [...leechers(1), ...leechers(1, { leavesAt: 1000 })] },
      64_000
    ],
    [
      'a seeder that leaves sends no more',
      { seedUp: 64 * MIB, leechers: leechers(4), seederCopies: 1 },
      (3 * 64_000) / 16
    ]
  ] as const)('%s', (_, init, expected) => {
    expect(fluidBoundMs({ totalBytes: 64 * MIB, ...init })).toBeCloseTo(expected)
  })
})
