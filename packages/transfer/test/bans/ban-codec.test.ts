import { describe, expect, test } from 'vitest'
import { decodeBans, encodeBans, MAX_BANS_BYTES, MAX_TIME_MS } from '../../src/bans/ban-codec.ts'
import { MAX_BANS } from '../../src/bans/ban-list.ts'
import type { BanRecord } from '../../src/bans/ban-list.ts'

const record: BanRecord = { peer: '12D3KooW', reason: 'wrong-bytes', since: 5, until: 9, count: 3 }

function fileOf(bans: readonly unknown[]): Uint8Array {
  return Buffer.from(JSON.stringify({ version: 1, bans }))
}

function listOf(count: number): BanRecord[] {
  return Array.from({ length: count }, (_, at) => ({ ...record, peer: `p${at}` }))
}

function recordsIn(bytes: Uint8Array): readonly BanRecord[] {
  const found = decodeBans(bytes)
  return found.kind === 'list' ? found.records : []
}

describe('the file of bans', () => {
  test('keeps every ban, those that do not end too', () => {
    const bans: BanRecord[] = [record, { ...record, peer: 'x', reason: 'user', until: Infinity, count: 0 }]
    expect(decodeBans(encodeBans(bans))).toEqual({ kind: 'list', records: bans, skipped: 0 })
  })

  test('has MAX_BANS entries at most, when it is written too', () => {
    expect(recordsIn(encodeBans(listOf(MAX_BANS)))).toHaveLength(MAX_BANS)
    expect(() => decodeBans(fileOf(listOf(MAX_BANS + 1)))).toThrow('at most 10000')
    expect(() => encodeBans(listOf(MAX_BANS + 1))).toThrow('at most 10000')
  })

  test('has MAX_BANS_BYTES at most', () => {
    const padded = (bytes: number): Uint8Array =>
      Buffer.from(
        Buffer.from(fileOf([record]))
          .toString()
          .padEnd(bytes)
      )
    expect(recordsIn(padded(MAX_BANS_BYTES))).toHaveLength(1)
    expect(() => decodeBans(padded(MAX_BANS_BYTES + 1))).toThrow('at most 4194304')
  })

  test('has times up to MAX_TIME_MS: what earlier versions wrote beyond means for ever', () => {
    const ending = (until: number): BanRecord => ({ ...record, until })
    expect(recordsIn(encodeBans([ending(MAX_TIME_MS)]))).toEqual([ending(MAX_TIME_MS)])
    expect(recordsIn(fileOf([ending(MAX_TIME_MS + 1)]))).toEqual([ending(Infinity)])
    expect(recordsIn(fileOf([ending(Number.MAX_SAFE_INTEGER + 2)]))).toEqual([ending(Infinity)])
    expect(recordsIn(fileOf([{ ...record, since: MAX_TIME_MS + 1 }]))).toEqual([])
  })

  test.each([
    ['', 'no JSON'],
    ['[]', 'of another kind'],
    ['null', 'of another kind'],
    ['{"version":0,"bans":[]}', 'of another kind'],
    ['{"version":1,"bans":{}}', 'of another kind']
  ])('%j is refused', (text, says) => {
    expect(() => decodeBans(Buffer.from(text))).toThrow(says)
  })

  test('of a later version is known as such, whatever is in it', () => {
    expect(decodeBans(Buffer.from('{"version":2,"bans":"elsewhere"}'))).toEqual({ kind: 'later' })
  })

  test.each([
    [null],
    [{ ...record, since: -1 }],
    [{ ...record, reason: 'whim' }],
    [{ ...record, until: 'x' }],
    [{ ...record, count: 0.5 }],
    [{ ...record, peer: 'a'.repeat(129) }]
  ])('an entry that makes no sense, %j, is left out, and never written', (wrong) => {
    expect(decodeBans(fileOf([wrong, record]))).toEqual({ kind: 'list', records: [record], skipped: 1 })
    expect(() => encodeBans([(wrong ?? {}) as BanRecord])).toThrow('makes no sense')
  })
})
