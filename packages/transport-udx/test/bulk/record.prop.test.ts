import { createSecretKey } from 'node:crypto'
import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { MAX_RECORD_BYTES } from '../../src/bulk/constants.ts'
import { RecordReader } from '../../src/bulk/record-reader.ts'
import { RECORD_OVERHEAD_BYTES, openRecord, sealRecord } from '../../src/bulk/record.ts'
import { UdxBulkChannelError } from '../../src/errors.ts'

const key = createSecretKey(Buffer.alloc(32, 1))
const bytes = fc.uint8Array({ minLength: 1, maxLength: 300 })

describe('records', () => {
  test('shorter than what every record has are refused as such', () => {
    for (let length = 0; length < RECORD_OVERHEAD_BYTES; length++) {
      expect(() => openRecord(key, Buffer.alloc(length))).toThrow(UdxBulkChannelError)
    }
  })

  test.prop([fc.array(bytes, { minLength: 1, maxLength: 4 }), fc.nat()])(
    'are opened as they were sealed',
    (parts, number) => {
      const record = sealRecord(key, { type: 'data', number, parts: parts.map((part) => Uint8Array.from(part)) })
      const { type, number: opened, body } = openRecord(key, record)
      expect([type, opened, Buffer.compare(body, Buffer.concat(parts))]).toEqual(['data', number, 0])
    }
  )

  test.prop([bytes, fc.nat(), fc.nat({ max: 254 })])('are not opened when one byte is another', (part, at, change) => {
    const record = sealRecord(key, { type: 'data', number: 7, parts: [part] })
    const changed = at % record.byteLength
    record[changed] = ((record[changed] ?? 0) + change + 1) % 256
    expect(() => openRecord(key, record)).toThrow(UdxBulkChannelError)
  })

  test.prop([fc.array(bytes, { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 400 })])(
    'are put together from packets of any length',
    (bodies, packetBytes) => {
      const all = Buffer.concat(bodies.map((body, number) => sealRecord(key, { type: 'data', number, parts: [body] })))
      const reader = new RecordReader()
      const seen: Buffer[] = []
      for (let at = 0; at < all.byteLength; at += packetBytes) {
        reader.push(all.subarray(at, at + packetBytes), (record) => {
          seen.push(Buffer.from(openRecord(key, record).body))
        })
      }
      expect(Buffer.concat(seen).equals(Buffer.concat(bodies))).toBe(true)
      expect(seen).toHaveLength(bodies.length)
    }
  )

  test('of the greatest length are read, a greater one is refused before it came', () => {
    const read = (bodyBytes: number): number => {
      const record = Buffer.alloc(RECORD_OVERHEAD_BYTES + bodyBytes)
      record.writeUIntBE(bodyBytes, 1, 3)
      let count = 0
      new RecordReader().push(record, () => count++)
      return count
    }
    expect(read(MAX_RECORD_BYTES)).toBe(1)
    expect(() => read(MAX_RECORD_BYTES + 1)).toThrow(UdxBulkChannelError)
  })

  test.each([
    ['data without a byte', 0, 0],
    ['a credit with some', 1, 1],
    ['an end with some', 2, 1],
    ['a type that there is not', 3, 0]
  ])('that cannot be are refused: %s', (_, type, length) => {
    const record = Buffer.alloc(RECORD_OVERHEAD_BYTES + length)
    record.writeUIntBE(type, 0, 1)
    record.writeUIntBE(length, 1, 3)
    expect(() => {
      new RecordReader().push(record, () => undefined)
    }).toThrow(UdxBulkChannelError)
  })
})
