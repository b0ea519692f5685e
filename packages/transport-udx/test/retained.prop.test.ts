import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { Retained } from '../src/retained.ts'

const parts = fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 }), { maxLength: 20 })

test.prop([parts, fc.nat(400), fc.nat(400)], { numRuns: 100 })(
  'what was not released can be had from any offset on',
  (sent, release, offset) => {
    const retained = new Retained()
    sent.forEach((part) => {
      retained.push(part)
    })
    const all = Buffer.concat(sent)
    retained.release(Math.min(release, all.length))
    expect(retained.end).toBe(all.length)
    expect(retained.start).toBeLessThanOrEqual(Math.min(release, all.length))
    const missing = retained.from(offset)
    if (offset >= retained.start && offset <= all.length) {
      expect(Buffer.concat(missing ?? [])).toEqual(all.subarray(offset))
    } else {
      expect(missing).toBeUndefined()
    }
  }
)
