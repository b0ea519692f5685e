import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EarlyMessages, MAX_EARLY_MESSAGES, MAX_EARLY_NAMES } from '../../src/share/early-messages.ts'
import { MAX_EARLY_RANGES } from '../../src/share/early-ranges.ts'
import { Bitfield } from '../../src/swarm/bitfield.ts'
import type { Range } from '../../src/swarm/bitfield.ts'
import type { Message } from '../../src/wire/codec.ts'
import { MAX_RANGES } from '../../src/wire/limits.ts'

const have = (...ranges: Range[]): Message => ({ type: 'have', ranges })
const want = (...ranges: Range[]): Message & { type: 'want' } => ({ type: 'want', ranges, urgent: false })
const offer: Message = { type: 'offer', ranges: [{ start: 1, count: 1 }] }

function said(early: EarlyMessages): Range[] {
  return early.take().flatMap((message) => (message.type === 'have' ? message.ranges : []))
}

describe('EarlyMessages', () => {
  it('keeps what was said in its order, WANT first and HAVE last', () => {
    const early = new EarlyMessages()
    for (const message of [have({ start: 3, count: 1 }), offer, { type: 'grant', leaves: 2 }, want()] as const) {
      early.add(message)
    }
    expect(early.take()).toEqual([want(), offer, { type: 'grant', leaves: 2 }, have({ start: 3, count: 1 })])
    expect(early.take()).toEqual([])
  })

  it('makes one WANT of any number, with what is urgent now', () => {
    const early = new EarlyMessages()
    const [one, other] = [{ start: 0, count: 4 }, { start: 9, count: 2 }] // prettier-ignore
    early.add(want({ start: 100, count: 7 }))
    early.add({ ...want({ start: 100, count: 1 }), urgent: true, adds: true })
    early.add(want(one))
    for (let urgent = 0; urgent < 10_000; urgent++) {
      early.add({ ...want({ start: urgent % 4, count: 1 }), urgent: true, adds: true })
    }
    early.add({ ...want(other), adds: true })
    const urgent: Message = { type: 'want', ranges: [{ start: 3, count: 1 }], urgent: true, adds: true }
    expect(early.take()).toEqual([want(one, other), urgent])
  })

  it('makes one of any number of HAVEs', () => {
    const early = new EarlyMessages()
    for (let leaf = 0; leaf < 100_000; leaf++) {
      early.add(have({ start: leaf, count: 1 }))
    }
    expect(early.take()).toEqual([have({ start: 0, count: 100_000 })])
  })

  it('says the same leaves, in the fewest ranges', () => {
    const range = fc.record({ start: fc.nat({ max: 60 }), count: fc.integer({ min: 1, max: 9 }) })
    fc.assert(
      fc.property(fc.array(fc.array(range, { maxLength: 5 }), { maxLength: 20 }), (messages) => {
        const early = new EarlyMessages()
        const expected = new Bitfield(100)
        for (const ranges of messages) {
          early.add(have(...ranges))
          for (const one of ranges) {
            expected.setRange(one)
          }
        }
        expect(said(early)).toEqual([...expected.ranges()])
      }),
      { numRuns: 100, seed: 7 }
    )
  })

  it('says many ranges in messages that may be sent', () => {
    const early = new EarlyMessages()
    early.add(have(...Array.from({ length: MAX_RANGES }, (_, index) => ({ start: index * 2, count: 1 }))))
    early.add(have({ start: 1_000_000, count: 1 }))
    expect(early.take()).toMatchObject([{ ranges: { length: MAX_RANGES } }, { ranges: { length: 1 } }])
  })

  it('keeps MAX_EARLY_MESSAGES, and not one more', () => {
    const early = new EarlyMessages()
    for (let count = 0; count < MAX_EARLY_MESSAGES; count++) {
      early.add(offer)
    }
    expect(() => {
      early.add(offer)
    }).toThrow(expect.objectContaining({ name: 'InvalidMessageError' }))
  })

  it('keeps messages that name MAX_EARLY_NAMES, and not one more', () => {
    const early = new EarlyMessages()
    const ranges = Array.from({ length: MAX_RANGES }, (_, index) => ({ start: index * 2, count: 1 }))
    for (let names = 0; names < MAX_EARLY_NAMES; names += MAX_RANGES) {
      early.add({ type: 'offer', ranges })
    }
    expect(() => {
      early.add(offer)
    }).toThrow(expect.objectContaining({ name: 'InvalidMessageError' }))
  })

  it('keeps about MAX_EARLY_RANGES that do not touch, and never twice as many and a message', () => {
    const early = new EarlyMessages()
    let kept = 0
    const addOne = (): void => {
      early.add(have(...Array.from({ length: MAX_RANGES }, (_, index) => ({ start: (kept + index) * 2, count: 1 }))))
      kept += MAX_RANGES
    }
    while (kept < MAX_EARLY_RANGES) {
      addOne()
    }
    expect(() => {
      while (kept <= 2 * MAX_EARLY_RANGES + MAX_RANGES) {
        addOne()
      }
    }).toThrow(expect.objectContaining({ name: 'InvalidMessageError' }))
  })
})
