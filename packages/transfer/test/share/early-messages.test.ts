import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EarlyMessages, MAX_EARLY_MESSAGES, MAX_EARLY_RANGES } from '../../src/share/early-messages.ts'
import { Bitfield } from '../../src/swarm/bitfield.ts'
import type { Range } from '../../src/swarm/bitfield.ts'
import type { Message } from '../../src/wire/codec.ts'
import { MAX_RANGES } from '../../src/wire/limits.ts'

const have = (...ranges: Range[]): Message => ({ type: 'have', ranges })
const offer: Message = { type: 'offer', ranges: [{ start: 1, count: 1 }] }

function said(early: EarlyMessages): Range[] {
  return early.take().flatMap((message) => (message.type === 'have' ? message.ranges : []))
}

describe('EarlyMessages', () => {
  it('keeps what was said in its order, HAVE last', () => {
    const early = new EarlyMessages()
    const want: Message = { type: 'want', ranges: [], urgent: false }
    for (const message of [want, have({ start: 3, count: 1 }), offer]) {
      early.add(message)
    }
    expect(early.take()).toEqual([want, offer, have({ start: 3, count: 1 })])
    expect(early.take()).toEqual([])
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
