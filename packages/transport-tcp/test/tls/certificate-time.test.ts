import { describe, expect, it } from 'vitest'
import { derTime, parseTime } from '../../src/tls/certificate-time.ts'
import { der, DerReader, Tag } from '../../src/tls/der.ts'

function parse(tag: number, text: string): number {
  return parseTime(new DerReader(der(tag, Buffer.from(text))))
}

describe('times of certificates', () => {
  it('are read in both forms, the short one in the century that RFC 5280 says', () => {
    expect(parse(Tag.utcTime, '491231235959Z')).toBe(Date.UTC(2049, 11, 31, 23, 59, 59))
    expect(parse(Tag.utcTime, '500101000000Z')).toBe(Date.UTC(1950, 0, 1))
    expect(parse(Tag.generalizedTime, '40960101000000Z')).toBe(Date.UTC(4096, 0, 1))
    expect(parse(Tag.generalizedTime, '00000229000000Z')).toBeLessThan(Date.UTC(1, 0))
  })

  it('are refused in any other form, and on days that do not exist', () => {
    for (const text of [
      '260230000000Z',
      '261301000000Z',
      '260101240000Z',
      '260101006000Z',
      '2601010000Z',
      '260101000000+0000',
      '26010100000 Z',
      ''
    ]) {
      expect(() => parse(Tag.utcTime, text)).toThrow(/does not exist/)
    }
    expect(() => parse(Tag.generalizedTime, '20260101000000.5Z')).toThrow(/does not exist/)
    expect(() => parse(Tag.integer, '260101000000Z')).toThrow(/type of element/)
  })

  it('are written so that they read the same, before 2050 and after', () => {
    for (const time of [Date.UTC(2026, 10, 22, 1, 2, 3), Date.UTC(2049, 11, 31), Date.UTC(2050, 0, 1)]) {
      expect(parseTime(new DerReader(derTime(time)))).toBe(time)
    }
    expect(derTime(Date.UTC(2049, 0))[0]).toBe(Tag.utcTime)
    expect(derTime(Date.UTC(2050, 0))[0]).toBe(Tag.generalizedTime)
  })
})
