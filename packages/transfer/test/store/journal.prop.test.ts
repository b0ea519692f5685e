import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_LEAVES } from '../../src/constants.ts'
import {
  decodeHeader,
  decodeRecord,
  encodeHeader,
  encodeRecords,
  journalSeed,
  MAX_JOURNAL_CID_BYTES,
  maxJournalRecords,
  RECORD_BYTES,
  replay
} from '../../src/store/journal.ts'
import type { JournalRecord } from '../../src/store/journal.ts'

const LEAVES = 64

const header = fc.record({
  root: fc.uint8Array({ minLength: 1, maxLength: MAX_JOURNAL_CID_BYTES }),
  leafCount: fc.nat(MAX_LEAVES)
})

const run = fc
  .tuple(fc.nat(LEAVES - 1), fc.nat(LEAVES - 1))
  .map(([start, length]) => ({ start, count: Math.max(1, Math.min(length, LEAVES - start)) }))

/** Records as a store appends them: a checkpoint covers at most what is before it. */
const records = fc
  .array(
    fc.oneof(
      run.map((range) => ({ type: 'have', ...range }) as const),
      run.map((range) => ({ type: 'drop', ...range }) as const),
      fc.double({ min: 0, max: 1, noNaN: true }).map((share) => ({ type: 'checkpoint', share }) as const)
    ),
    { maxLength: 30 }
  )
  .map((list) =>
    list.map((record, slot): JournalRecord =>
      record.type === 'checkpoint' ? { type: 'checkpoint', records: Math.floor(record.share * slot) } : record
    )
  )

/** What the records mean, told in the slowest and plainest way. */
function meaning(list: readonly JournalRecord[]): { trusted: number[]; unverified: number[] } {
  const durable = Math.max(0, ...list.map((record) => (record.type === 'checkpoint' ? record.records : 0)))
  const state = new Map<number, 'trusted' | 'unverified'>()
  list.forEach((record, slot) => {
    for (let index = 0; index < LEAVES && record.type !== 'checkpoint'; index++) {
      if (index < record.start || index >= record.start + record.count) {
        continue
      }
      if (record.type === 'drop') {
        state.delete(index)
      } else if (state.get(index) !== 'trusted') {
        state.set(index, slot < durable ? 'trusted' : 'unverified')
      }
    }
  })
  const having = (wanted: string): number[] =>
    [...state].flatMap(([index, is]) => (is === wanted ? [index] : [])).sort((a, b) => a - b)
  return { trusted: having('trusted'), unverified: having('unverified') }
}

const head = encodeHeader({ root: Uint8Array.of(1, 2, 3), leafCount: LEAVES })
const context = { seed: journalSeed(head), leafCount: LEAVES }

function read(bytes: Uint8Array): { trusted: number[]; unverified: number[]; records: number; damaged: boolean } {
  const state = replay(bytes, context)
  const list = (field: typeof state.trusted): number[] => [...Array(LEAVES).keys()].filter((index) => field.has(index))
  return { ...state, trusted: list(state.trusted), unverified: list(state.unverified) }
}

describe('the journal header', () => {
  it('comes back as it was written, whatever follows it', () => {
    fc.assert(
      fc.property(header, fc.uint8Array({ maxLength: 40 }), (written, rest) => {
        expect(decodeHeader(Buffer.concat([encodeHeader(written), rest]))).toEqual(written)
      }),
      { numRuns: 100, seed: 1 }
    )
  })

  it('is not found in any truncation, nor with any bit flipped', () => {
    const bytes = encodeHeader({ root: Uint8Array.of(1, 2, 3), leafCount: 7 })
    for (let length = 0; length < bytes.byteLength; length++) {
      expect(decodeHeader(bytes.subarray(0, length))).toBeUndefined()
    }
    for (let bit = 0; bit < bytes.byteLength * 8; bit++) {
      expect(decodeHeader(flip(bytes, bit))).toBeUndefined()
    }
  })

  it('has at most MAX_LEAVES leaves and MAX_JOURNAL_CID_BYTES of root', () => {
    const root = new Uint8Array(MAX_JOURNAL_CID_BYTES)
    expect(decodeHeader(encodeHeader({ root, leafCount: MAX_LEAVES }))).toBeDefined()
    expect(decodeHeader(encodeHeader({ root, leafCount: MAX_LEAVES + 1 }))).toBeUndefined()
    const longer = new Uint8Array(MAX_JOURNAL_CID_BYTES + 1)
    expect(decodeHeader(encodeHeader({ root: longer, leafCount: 1 }))).toBeUndefined()
  })

  it('is not found in random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => decodeHeader(bytes) === undefined),
      { numRuns: 500, seed: 2 }
    )
  })
})

describe('journal records', () => {
  it('mean what was written', () => {
    fc.assert(
      fc.property(records, (list) => {
        expect(read(encodeRecords(list, context.seed))).toEqual({
          ...meaning(list),
          records: list.length,
          damaged: false
        })
      }),
      { numRuns: 200, seed: 3 }
    )
  })

  it('cut off anywhere, mean what the whole ones before the cut mean', () => {
    fc.assert(
      fc.property(records, fc.double({ min: 0, max: 1, noNaN: true }), (list, share) => {
        const bytes = encodeRecords(list, context.seed)
        const cut = bytes.subarray(0, Math.floor(share * bytes.byteLength))
        const whole = list.slice(0, Math.floor(cut.byteLength / RECORD_BYTES))
        expect(read(cut)).toEqual({ ...meaning(whole), records: whole.length, damaged: false })
      }),
      { numRuns: 200, seed: 4 }
    )
  })

  it('ignore a tail of zeros or of anything else that is not a record', () => {
    fc.assert(
      fc.property(
        records,
        fc.oneof(fc.uint8Array({ maxLength: 100 }), fc.constant(new Uint8Array(64))),
        (list, tail) => {
          const bytes = Buffer.concat([encodeRecords(list, context.seed), tail])
          expect(read(bytes)).toEqual({ ...meaning(list), records: list.length, damaged: false })
        }
      ),
      { numRuns: 200, seed: 5 }
    )
  })

  it('trust nothing after a flipped bit in the middle, and name no leaf that was not written', () => {
    fc.assert(
      fc.property(records, fc.nat(), (list, at) => {
        fc.pre(list.length > 1)
        const bytes = encodeRecords(list, context.seed)
        // not in the last record: that would be a torn tail
        const bad = flip(bytes, at % ((bytes.byteLength - RECORD_BYTES) * 8))
        const state = read(bad)
        const named = new Set(
          list.flatMap((record) =>
            record.type === 'have' ? Array.from({ length: record.count }, (_, nth) => record.start + nth) : []
          )
        )
        expect(state).toMatchObject({ trusted: [], records: list.length, damaged: true })
        expect(state.unverified.every((index) => named.has(index))).toBe(true)
      }),
      { numRuns: 300, seed: 6 }
    )
  })

  it('of another journal do not pass', () => {
    const [record] = [encodeRecords([{ type: 'have', start: 1, count: 2 }], context.seed ^ 1)]
    expect(decodeRecord(record, context, 0)).toBeUndefined()
  })

  it.each([
    ['a run up to the last leaf', { type: 'have', start: 0, count: LEAVES }, true],
    ['a run past the last leaf', { type: 'have', start: 1, count: LEAVES }, false],
    ['an empty run', { type: 'have', start: 1, count: 0 }, false],
    ['a run that would overflow 32 bits', { type: 'have', start: 0xffff_ffff, count: 0xffff_ffff }, false],
    ['a dropped run past the last leaf', { type: 'drop', start: LEAVES, count: 1 }, false],
    ['a checkpoint of all before it', { type: 'checkpoint', records: 5 }, true],
    ['a checkpoint of itself', { type: 'checkpoint', records: 6 }, false]
  ] as const)('%s', (_, record, passes) => {
    const decoded = decodeRecord(encodeRecords([record], context.seed), context, 5)
    expect(decoded).toEqual(passes ? record : undefined)
  })

  it('are read up to maxJournalRecords; one more counts as damage', () => {
    const most = Array.from({ length: maxJournalRecords(LEAVES) }, (): JournalRecord => ({
      type: 'checkpoint',
      records: 0
    }))
    most[0] = { type: 'have', start: 0, count: 1 }
    const bytes = encodeRecords(most, context.seed)
    expect(read(bytes)).toEqual({ trusted: [], unverified: [0], records: most.length, damaged: false })
    const more = Buffer.concat([bytes, encodeRecords([{ type: 'checkpoint', records: 1 }], context.seed)])
    expect(read(more)).toEqual({ trusted: [], unverified: [], records: 0, damaged: true })
  })

  it('never throw on random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const state = read(bytes)
        expect(state.trusted).toEqual([])
      }),
      { numRuns: 1000, seed: 7 }
    )
  })
})

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = bytes.slice()
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return copy
}
