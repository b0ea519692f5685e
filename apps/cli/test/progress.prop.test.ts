import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { serveLine, transferLine } from '../src/progress.ts'
import { formatBytes } from '../src/units.ts'

const progress = fc.record({
  bytesDone: fc.nat(2 ** 31),
  bytesTotal: fc.nat(2 ** 31),
  rateBps: fc.double({ min: 0, max: 1e12, noNaN: true }),
  peers: fc.nat(500),
  path: fc.constantFrom('direct' as const, 'relay' as const, 'none' as const),
  etaS: fc.double({ min: 0, max: 1e9, noNaN: true })
})

test.prop([progress, fc.integer({ min: 1, max: 300 })], { numRuns: 300 })(
  'a progress line never reaches the last column and is ASCII',
  (state, columns) => {
    const line = transferLine(state, columns)
    expect(line.length).toBeLessThanOrEqual(Math.max(1, columns - 1))
    expect(line).toMatch(/^[\x20-\x7e]*$/)
  }
)

const receivers = fc.array(fc.record({ peer: fc.base64String(), bytes: fc.nat() }), { maxLength: 6 })

test.prop([fc.nat(), fc.nat(), fc.nat(999), receivers, fc.integer({ min: 1, max: 300 })], { numRuns: 200 })(
  'so does the line about receivers',
  (bytesSent, bytesShared, peers, receivers, columns) => {
    const line = serveLine({ bytesSent, bytesShared, rateBps: 0, peers, receivers }, columns)
    expect(line.length).toBeLessThanOrEqual(Math.max(1, columns - 1))
  }
)

test.prop([fc.double({ min: 0, max: 2 ** 62, noNaN: true })], { numRuns: 500 })(
  'a size has at most four digits and never says 1024',
  (bytes) => {
    expect(formatBytes(bytes)).toMatch(/^(\d{1,3}|10[01]\d|102[0-3]|\d\.\d) [KMGTPE]?i?B$/)
  }
)
