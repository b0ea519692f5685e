import { describe, expect, test } from 'vitest'
import { decodeBans, encodeBans, MAX_BANS_BYTES } from '../../src/bans/ban-codec.ts'
import { MAX_BANS } from '../../src/bans/ban-list.ts'
import type { BanRecord } from '../../src/bans/ban-list.ts'

const record: BanRecord = { peer: '12D3KooW', reason: 'wrong-bytes', since: 5, until: 9, count: 3 }

function listOf(count: number): Uint8Array {
  return encodeBans(Array.from({ length: count }, (_, at) => ({ ...record, peer: `p${at}` })))
}

describe('the file of bans', () => {
  test('keeps every ban, those that do not end too', () => {
    const bans: BanRecord[] = [record, { ...record, peer: 'x', reason: 'user', until: Infinity, count: 0 }]
    expect(decodeBans(encodeBans(bans))).toEqual(bans)
  })

  test('has MAX_BANS entries at most', () => {
    expect(decodeBans(listOf(MAX_BANS))).toHaveLength(MAX_BANS)
    expect(() => decodeBans(listOf(MAX_BANS + 1))).toThrow('at most 10000')
  })

  test('has MAX_BANS_BYTES at most', () => {
    const padded = (bytes: number): Uint8Array => Buffer.from(Buffer.from(listOf(1)).toString().padEnd(bytes))
    expect(decodeBans(padded(MAX_BANS_BYTES))).toHaveLength(1)
    expect(() => decodeBans(padded(MAX_BANS_BYTES + 1))).toThrow('at most 4194304')
  })

  test.each([
    ['', 'no JSON'],
    ['[]', 'of another kind'],
    ['{"version":2,"bans":[]}', 'of another kind'],
    ['{"version":1,"bans":[null]}', 'makes no sense'],
    ['{"version":1,"bans":[{"peer":"a","reason":"user","since":-1,"count":0}]}', 'makes no sense'],
    ['{"version":1,"bans":[{"peer":"a","reason":"whim","since":1,"count":0}]}', 'makes no sense'],
    ['{"version":1,"bans":[{"peer":"a","reason":"user","since":1,"until":"x","count":0}]}', 'makes no sense'],
    [`{"version":1,"bans":[{"peer":"${'a'.repeat(129)}","reason":"user","since":1,"count":0}]}`, 'makes no sense']
  ])('%j is refused', (text, says) => {
    expect(() => decodeBans(Buffer.from(text))).toThrow(says)
  })
})
