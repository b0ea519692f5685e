import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { scrubOrder } from '../../src/share/scrub-order.ts'

const seed = fc.integer({ min: 0, max: 2 ** 32 - 1 })

test.prop([fc.integer({ min: 1, max: 2_000 }), seed], { numRuns: 60 })(
  'every leaf comes once, in an order that the seed decides',
  (leaves, chosen) => {
    const order = scrubOrder(leaves, chosen)
    const all = Array.from({ length: leaves }, (_, at) => order.leaf(at))
    expect(new Set(all).size).toBe(leaves)
    expect(all.every((leaf) => leaf >= 0 && leaf < leaves)).toBe(true)
    expect(scrubOrder(leaves, chosen).leaf(leaves - 1)).toBe(all.at(-1))
  }
)

test('the first hundredth of the order comes to every tenth of a large share', () => {
  const order = scrubOrder(100_000, 7)
  const tenths = new Set(Array.from({ length: 1_000 }, (_, at) => Math.floor(order.leaf(at) / 10_000)))
  expect(tenths.size).toBe(10)
})
