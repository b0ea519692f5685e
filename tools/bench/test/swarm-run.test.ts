import { expect, test } from 'vitest'
import { fluidBoundS } from '../src/harness/swarm-run.ts'

test.each([
  ['one seeder, one leecher: the cap', 1, 1, 16],
  ['more leechers upload what they take', 1, 8, 16],
  ['two seeders, one leecher: the sum of their caps', 2, 1, 8],
  ['two seeders, eight leechers: all uploads together', 2, 8, 12.8]
])('%s', (_, seeders, leechers, seconds) => {
  expect(fluidBoundS(64, { seeders, leechers, uploadBytesPerSecond: 4 })).toBeCloseTo(seconds)
})
