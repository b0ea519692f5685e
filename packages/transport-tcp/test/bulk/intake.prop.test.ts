import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_SPILL_BYTES } from '../../src/bulk/constants.ts'
import { Intake } from '../../src/bulk/intake.ts'
import { Collector } from '../support/bulk.ts'

/** What the line and the sink do. */
const scenario = fc.record({
  reads: fc.array(fc.record({ bytes: fc.integer({ min: 1, max: 2_000 }), direct: fc.boolean() }), { maxLength: 60 }),
  /** Whether the sink takes more, after each filling. */
  more: fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }),
  /** How many reads still arrive after a pause. */
  late: fc.nat(3),
  room: fc.integer({ min: 16, max: 3_000 })
})

describe('an intake', () => {
  it('brings all bytes in order, in any chunks, however often the sink asks for a pause', () => {
    fc.assert(
      fc.property(scenario, ({ reads, more, late, room }) => {
        const sink = new Collector(room)
        let asked = 0
        sink.more = () => more[asked++ % more.length] ?? true
        const intake = new Intake(sink)
        const sent: Buffer[] = []
        let position = 0
        let reading = intake.resume()
        let lateReads = late
        for (const { bytes, direct } of reads) {
          if (!reading && lateReads-- <= 0) {
            reading = intake.resume()
            lateReads = late
          }
          const chunk = Buffer.from(
            Uint8Array.from({ length: bytes }, (_, i) => (position + i) * 31 + ((position + i) >> 8))
          )
          if (direct) {
            const view = intake.view()
            const size = Math.min(view.byteLength, bytes)
            view.set(chunk.subarray(0, size))
            sent.push(chunk.subarray(0, size))
            position += size
            reading = intake.filled(size)
          } else {
            sent.push(chunk)
            position += bytes
            reading = intake.give(chunk)
          }
        }
        for (let turn = 0; intake.waitingBytes > 0 && turn < 100_000; turn++) {
          intake.resume()
        }
        expect(sink.data.equals(Buffer.concat(sent))).toBe(true)
      }),
      { numRuns: 150, seed: 5 }
    )
  })

  it('gives the sink nothing before it was resumed', () => {
    const sink = new Collector()
    const intake = new Intake(sink)
    expect(intake.give(Uint8Array.of(1, 2))).toBe(false)
    intake.view().set([3])
    expect(intake.filled(1)).toBe(false)
    expect(sink.bytes).toBe(0)
    expect(intake.resume()).toBe(true)
    expect([...sink.data]).toEqual([1, 2, 3])
  })

  it('reads into the very buffers of the sink when it is not paused', () => {
    const sink = new Collector()
    const intake = new Intake(sink)
    intake.resume()
    const view = intake.view()
    view.set([7, 8])
    intake.filled(2)
    view.set([9])
    expect([...sink.data]).toEqual([9, 8])
  })

  it('goes on when the sink resumes within the very call in which it asked for a pause', () => {
    const sink = new Collector(1)
    const intake = new Intake(sink)
    sink.more = () => {
      intake.resume()
      return false
    }
    intake.resume()
    expect(intake.give(Uint8Array.of(1, 2, 3))).toBe(true)
    expect([...sink.data]).toEqual([1, 2, 3])
  })

  it('keeps as much as the bound while it is paused, and fails at one byte more', () => {
    const sink = new Collector(65_536)
    const intake = new Intake(sink)
    intake.give(new Uint8Array(MAX_SPILL_BYTES))
    expect(intake.waitingBytes).toBe(MAX_SPILL_BYTES)
    expect(() => intake.give(Uint8Array.of(1))).toThrow(/while reading was stopped/)
  })

  it('does not take a buffer without room', () => {
    const intake = new Intake({ buffer: () => new Uint8Array(0), filled: () => true })
    expect(() => {
      intake.resume()
      intake.view()
    }).toThrow(/without room/)
  })
})
