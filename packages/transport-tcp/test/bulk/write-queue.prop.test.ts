import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GATHER_BELOW_BYTES, GATHER_BYTES, TLS_RECORD_BYTES } from '../../src/bulk/constants.ts'
import { segmentsOf, WriteQueue } from '../../src/bulk/write-queue.ts'

const parts = fc.array(fc.uint8Array({ maxLength: 40_000 }), { maxLength: 6 })

describe('a write queue', () => {
  it('gives out every byte in order and tells everybody once, in order', () => {
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 12 }), (writes) => {
        const queue = new WriteQueue()
        const told: number[] = []
        writes.forEach((write, i) => {
          queue.add(write, () => told.push(i))
        })
        const out: Uint8Array[] = []
        for (let batch = queue.next(); batch !== undefined; batch = queue.next()) {
          expect(queue.next()).toBeUndefined()
          const bytes = batch.segments.reduce((sum, { byteLength }) => sum + byteLength, 0)
          expect(bytes).toBe(batch.bytes)
          out.push(...batch.segments)
          queue.settle()
        }
        expect(Buffer.concat(out).equals(Buffer.concat(writes.flat()))).toBe(true)
        expect(told).toEqual(writes.map((_, i) => i))
        expect([queue.queuedBytes, queue.empty]).toEqual([0, true])
      }),
      { numRuns: 100, seed: 6 }
    )
  })

  it('tells everybody once when it is cleared, whether under way or not', () => {
    const queue = new WriteQueue()
    const told: string[] = []
    queue.add([new Uint8Array(GATHER_BELOW_BYTES)], () => told.push('under way'))
    queue.add([new Uint8Array(1)], () => told.push('waiting'))
    queue.next()
    queue.clear()
    queue.clear()
    expect(told).toEqual(['under way', 'waiting'])
    expect(queue.queuedBytes).toBe(0)
  })

  it('puts small writes together up to the bound', () => {
    const queue = new WriteQueue()
    const size = GATHER_BELOW_BYTES - 1
    for (let i = 0; i < 5; i++) {
      queue.add([new Uint8Array(size)])
    }
    expect(queue.next()).toMatchObject({ bytes: Math.floor(GATHER_BYTES / size) * size })
  })

  it('does not copy a large part, and fills one record with the header and the start of the body', () => {
    const [header, body] = [new Uint8Array(16), new Uint8Array(1024 * 1024)]
    const segments = segmentsOf([header, body])
    expect(segments.map(({ byteLength }) => byteLength)).toEqual([
      TLS_RECORD_BYTES,
      1024 * 1024 + 16 - TLS_RECORD_BYTES
    ])
    expect(segments[1]?.buffer).toBe(body.buffer)
  })

  it('copies nothing when the header lies in front of the body', () => {
    const room = new Uint8Array(16 + 1024 * 1024)
    const segments = segmentsOf([room.subarray(0, 16), room.subarray(16)])
    expect(segments).toHaveLength(1)
    expect(segments[0]?.buffer).toBe(room.buffer)
  })
})
