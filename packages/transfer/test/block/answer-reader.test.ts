import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AnswerReader } from '../../src/block/answer-reader.ts'
import { encodeBlockAnswer } from '../../src/block/wire/codec.ts'
import { refusal } from '../wire/support/refusal.ts'

type Heard = readonly [id: number, what: string]

/** A reader of what somebody asked: `wanted` and, given up meanwhile, `unwanted`. */
function reader(wanted: readonly number[], unwanted: readonly number[] = []) {
  const heard: Heard[] = []
  const open = new Map<number, 'wanted' | 'unwanted'>([
    ...wanted.map((id) => [id, 'wanted'] as const),
    ...unwanted.map((id) => [id, 'unwanted'] as const)
  ])
  const answers = new AnswerReader({
    state: (id) => open.get(id),
    block: (id, block) => {
      open.delete(id)
      heard.push([id, Buffer.from(block).toString()])
    },
    ended: (id, why) => {
      open.delete(id)
      heard.push([id, why ?? 'dropped'])
    }
  })
  return { answers, heard }
}

const block = (id: number, text: string): Buffer =>
  Buffer.concat([encodeBlockAnswer({ id, bytes: text.length }), Buffer.from(text)])

describe('AnswerReader', () => {
  it('reads the same however the bytes are cut', () => {
    const all = Buffer.concat([
      block(1, 'one'),
      encodeBlockAnswer({ id: 2, refusal: 'not-held' }),
      block(3, ''),
      block(4, 'given up'),
      block(5, 'five')
    ])
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (sizes) => {
        const { answers, heard } = reader([1, 2, 3, 5], [4])
        for (let at = 0, turn = 0; at < all.byteLength; turn++) {
          const size = sizes[turn % sizes.length] ?? 1
          answers.push(all.subarray(at, at + size))
          at += size
        }
        expect(heard).toEqual([
          [1, 'one'],
          [2, 'not-held'],
          [3, ''],
          [4, 'dropped'],
          [5, 'five']
        ])
      }),
      { numRuns: 50, seed: 1 }
    )
  })

  it('refuses an answer that nobody asked for, and a second one', () => {
    const { answers } = reader([1])
    answers.push(block(1, 'one'))
    expect(refusal(() => reader([1]).answers.push(block(2, 'two')))).toBeDefined()
    expect(refusal(() => answers.push(block(1, 'one')))).toBeDefined()
  })

  it('keeps nothing of the buffer it was given', () => {
    const { answers, heard } = reader([1])
    const bytes = block(1, 'one')
    answers.push(bytes.subarray(0, -1))
    bytes.fill(0, 0, bytes.byteLength - 1)
    answers.push(bytes.subarray(-1))
    expect(heard).toEqual([[1, 'one']])
  })
})
