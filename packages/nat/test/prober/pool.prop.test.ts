import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_POOL_PORTS, MAX_PORT_STEP, PORTS_AHEAD } from '../../src/prober/constants.ts'
import { estimatePool } from '../../src/prober/pool.ts'

const port = fc.integer({ min: 1, max: 65_535 })

test('a pool lies within the ports there are, and holds what was seen of a NAT that does not count', () => {
  fc.assert(
    fc.property(fc.uniqueArray(port, { maxLength: 14 }), (ports) => {
      const pool = estimatePool(ports)
      if (pool !== undefined) {
        expect(pool.low).toBeGreaterThanOrEqual(1)
        expect(pool.high).toBeLessThanOrEqual(65_535)
        expect(pool.low).toBeLessThanOrEqual(pool.high)
      }
    }),
    { seed: 1, numRuns: 100 }
  )
})

test.each([
  ['too few say nothing', [5, 6], undefined],
  ['at the bound they lie too far apart', [9000, 9000 + MAX_POOL_PORTS, 9100], undefined],
  ['below it they do not', [9000, 9000 + MAX_POOL_PORTS - 1, 9100], { low: 8488, high: 10_535 }],
  ['the gap there is on average is added at each end', [40_010, 40_050, 40_030], { low: 39_990, high: 40_070 }],
  ['one that counts up goes on', [7000, 7001, 7003, 7004], { low: 7005, high: 7069 }],
  ['one that counts in steps of two too', [7000, 7002, 7004], { low: 7006, high: 7134 }],
  ['one that counts down goes on downwards', [7004, 7003, 7001], { low: 6936, high: 7000 }],
  [
    'one that counts in the longest steps too',
    [7000, 7000 + MAX_PORT_STEP, 7000 + 2 * MAX_PORT_STEP],
    { low: 7000 + 3 * MAX_PORT_STEP, high: 7000 + (3 + PORTS_AHEAD) * MAX_PORT_STEP }
  ],
  ['one past it does not count', [7000, 7001 + MAX_PORT_STEP, 7002 + 2 * MAX_PORT_STEP], { low: 6983, high: 7051 }],
  ['no port is above the last', [65_530, 65_535, 65_533], { low: 65_527, high: 65_535 }]
])('%s', (_, ports, pool) => {
  expect(estimatePool(ports)).toEqual(pool)
})
