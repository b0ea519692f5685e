import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { der, derOid, DerReader, Tag } from '../../src/tls/der.ts'
import { InvalidCertificateError } from '../../src/tls/errors.ts'

const BYTES_FOR_THREE_OCTETS = 70_000

describe('DER', () => {
  it('reads back what was written, at lengths of one, two, three and four octets', () => {
    const lengths = fc.oneof(
      fc.integer({ min: 0, max: 300 }),
      fc.constantFrom(127, 128, 255, 256, 65_535, 65_536, BYTES_FOR_THREE_OCTETS)
    )
    fc.assert(
      fc.property(lengths, fc.nat(255), (length, fill) => {
        const value = new Uint8Array(length).fill(fill)
        const reader = new DerReader(Buffer.concat([der(Tag.octetString, value), der(Tag.integer, Uint8Array.of(1))]))
        expect(Buffer.compare(reader.read(Tag.octetString, 'value').value, value)).toBe(0)
        expect([...reader.read(Tag.integer, 'number').value]).toEqual([1])
        reader.end('all')
      }),
      { numRuns: 100, seed: 3 }
    )
  })

  it('refuses lengths that are indefinite, too long, or not in the shortest form', () => {
    for (const bytes of [
      [0x04, 0x80, 0, 0],
      [0x04, 0x81, 0x05, 1, 2, 3, 4, 5],
      [0x04, 0x82, 0x00, 0x80, ...Array<number>(128).fill(0)],
      [0x04, 0x84, 0, 0, 0, 1, 1],
      [0x04, 0x02, 1],
      [0x04],
      []
    ]) {
      expect(() => new DerReader(Uint8Array.from(bytes)).read(Tag.octetString, 'value')).toThrow(
        InvalidCertificateError
      )
    }
  })

  it('refuses tags of more than one octet', () => {
    expect(() => new DerReader(Uint8Array.of(0x1f, 0x01, 0x00)).read(0x1f, 'value')).toThrow(InvalidCertificateError)
  })

  it('writes object identifiers as X.690 shows them', () => {
    expect(derOid('1.2.840.113549').toString('hex')).toBe('06062a864886f70d')
    expect(derOid('1.3.6.1.4.1.53594.1.1').toString('hex')).toBe('060a2b0601040183a25a0101')
  })
})
